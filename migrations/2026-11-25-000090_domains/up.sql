-- The rules of one column become the rules of its type. A CHECK of the table is read anew by every statement that touches the
-- row, though it only moves the version on, which every capacity told does; a domain is asked when its value is written.
CREATE DOMAIN place_on_earth AS geography (point, 4326)
    CONSTRAINT facility_place_valid CHECK (
        NOT ST_IsEmpty(VALUE::geometry)
        AND ST_X(VALUE::geometry) BETWEEN -180 AND 180 AND ST_Y(VALUE::geometry) BETWEEN -90 AND 90
    );
COMMENT ON DOMAIN place_on_earth IS 'A point, WGS 84, degrees.';

CREATE DOMAIN dossier AS jsonb
    CONSTRAINT facility_dossier_told CHECK (jsonb_typeof(VALUE) = 'object' AND VALUE <> '{}')
    CONSTRAINT facility_licences_listed CHECK (
        jsonb_typeof(VALUE -> 'licences') = 'array' AND NOT VALUE @? '$.licences[*] ? (!exists (@.type))'
    )
    -- Days are written year first, so that their texts stand in their order.
    CONSTRAINT facility_licence_days_ordered CHECK (
        NOT VALUE @? '$.licences[*] ? (@.valid_until < @.valid_from)'
    )
    CONSTRAINT facility_menu_listed CHECK (
        jsonb_typeof(VALUE -> 'menu') = 'array'
        AND NOT VALUE @? '$.menu[*] ? (!exists (@.day) || !exists (@.dishes[0]) || @.price < 0)'
    )
    CONSTRAINT facility_staff_counted CHECK (
        VALUE #>> '{staff,as_of}' IS NOT NULL AND (VALUE #>> '{staff,caregivers}')::numeric >= 0
        AND (VALUE #>> '{staff,certified}')::numeric >= 0
        OR VALUE -> 'staff' IS NULL
    )
    CONSTRAINT facility_certified_within_caregivers CHECK (
        (VALUE #>> '{staff,certified}')::numeric <= (VALUE #>> '{staff,caregivers}')::numeric
    );
COMMENT ON DOMAIN dossier IS
    'licences [{type, number, issuer, valid_from, valid_until}], menu [{day, meal, dishes, price}] and staff {caregivers, certified, as_of}.';

ALTER TABLE facility
    DROP CONSTRAINT facility_place_valid,
    DROP CONSTRAINT facility_dossier_told,
    DROP CONSTRAINT facility_licences_listed,
    DROP CONSTRAINT facility_licence_days_ordered,
    DROP CONSTRAINT facility_menu_listed,
    DROP CONSTRAINT facility_staff_counted,
    DROP CONSTRAINT facility_certified_within_caregivers,
    ALTER COLUMN place TYPE place_on_earth,
    ALTER COLUMN dossier TYPE dossier;
