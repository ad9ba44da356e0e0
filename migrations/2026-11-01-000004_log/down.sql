DROP TABLE change;
DROP FUNCTION change_is_kept();
DROP FUNCTION change_after_insert();
DROP FUNCTION change_before_insert();
DROP FUNCTION change_take_turn();
DROP TABLE import_batch;
