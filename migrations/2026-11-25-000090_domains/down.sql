ALTER TABLE facility
    ALTER COLUMN place TYPE geography (point, 4326),
    ALTER COLUMN dossier TYPE jsonb,
    ADD CONSTRAINT facility_place_valid CHECK (
        NOT ST_IsEmpty(place::geometry)
        AND ST_X(place::geometry) BETWEEN -180 AND 180 AND ST_Y(place::geometry) BETWEEN -90 AND 90
    ),
    ADD CONSTRAINT facility_dossier_told CHECK (jsonb_typeof(dossier) = 'object' AND dossier <> '{}'),
    ADD CONSTRAINT facility_licences_listed CHECK (
        jsonb_typeof(dossier -> 'licences') = 'array' AND NOT dossier @? '$.licences[*] ? (!exists (@.type))'
    ),
    ADD CONSTRAINT facility_licence_days_ordered CHECK (
        NOT dossier @? '$.licences[*] ? (@.valid_until < @.valid_from)'
    ),
    ADD CONSTRAINT facility_menu_listed CHECK (
        jsonb_typeof(dossier -> 'menu') = 'array'
        AND NOT dossier @? '$.menu[*] ? (!exists (@.day) || !exists (@.dishes[0]) || @.price < 0)'
    ),
    ADD CONSTRAINT facility_staff_counted CHECK (
        dossier #>> '{staff,as_of}' IS NOT NULL AND (dossier #>> '{staff,caregivers}')::numeric >= 0
        AND (dossier #>> '{staff,certified}')::numeric >= 0
        OR dossier -> 'staff' IS NULL
    ),
    ADD CONSTRAINT facility_certified_within_caregivers CHECK (
        (dossier #>> '{staff,certified}')::numeric <= (dossier #>> '{staff,caregivers}')::numeric
    );
DROP DOMAIN dossier;
DROP DOMAIN place_on_earth;
