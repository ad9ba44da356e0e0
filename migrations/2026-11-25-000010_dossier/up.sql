-- The dossier: licences with validity, the menu by day, staff as of a date; and who gave a rating.
CREATE TABLE licence_type (
    code text PRIMARY KEY,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    rank integer NOT NULL
);
COMMENT ON TABLE licence_type IS 'What a licence can be for.';
COMMENT ON COLUMN licence_type.code IS 'The word for it in JSON.';
COMMENT ON COLUMN licence_type.name_zh IS 'Chinese name.';
COMMENT ON COLUMN licence_type.name_en IS 'English name.';
COMMENT ON COLUMN licence_type.rank IS 'Order in lists.';

INSERT INTO licence_type (rank, code, name_zh, name_en) VALUES
    (1, 'registration', '法人登记', 'Registration as a legal person'),
    (2, 'filing', '养老机构备案', 'Filing as an elderly-care institution'),
    (3, 'fire', '消防验收（备案）', 'Fire safety acceptance'),
    (4, 'food', '食品经营许可', 'Food business licence'),
    (5, 'medical', '医疗机构执业许可（备案）', 'Licence of a medical institution'),
    (6, 'building', '房屋安全鉴定', 'Building safety appraisal'),
    (7, 'funeral', '殡葬经营许可', 'Funeral business licence'),
    (8, 'charity', '慈善组织认定', 'Recognition as a charity'),
    (9, 'other', '其他证照', 'Other');

ALTER TABLE rating ADD COLUMN issuer text CONSTRAINT rating_issuer_written CHECK (issuer <> '');
COMMENT ON COLUMN rating.issuer IS 'Who gave it.';

-- In one column of the facility's own row: few facilities tell any of it, and whoever reads or writes the row has it all.
ALTER TABLE facility ADD COLUMN dossier jsonb;
ALTER TABLE facility
    ADD CONSTRAINT facility_dossier_told CHECK (jsonb_typeof(dossier) = 'object' AND dossier <> '{}'),
    ADD CONSTRAINT facility_licences_listed CHECK (
        jsonb_typeof(dossier -> 'licences') = 'array' AND NOT dossier @? '$.licences[*] ? (!exists (@.type))'
    ),
    -- Days are written year first, so that their texts stand in their order.
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
COMMENT ON COLUMN facility.dossier IS
    'licences [{type, number, issuer, valid_from, valid_until}], menu [{day, meal, dishes, price}] and staff {caregivers, certified, as_of}; null where none is told.';
