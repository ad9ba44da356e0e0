-- How many records live, by the log: asked at each start, so that rows which a damaged disk took are missed. Without this
-- index the whole log would be read.
CREATE INDEX change_life ON change (entity, action, key) WHERE action <> 'updated';
