-- The vocabulary: kinds of facility, measures of capacity, schemes of rating. Rows, so that a bureau can add its own.
CREATE EXTENSION IF NOT EXISTS postgis;

CREATE TABLE measure (
    code text PRIMARY KEY,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    unit_zh text NOT NULL,
    rank integer NOT NULL
);
COMMENT ON TABLE measure IS 'What capacity is counted in.';
COMMENT ON COLUMN measure.code IS 'The word for it in files, addresses and JSON.';
COMMENT ON COLUMN measure.name_zh IS 'Chinese name.';
COMMENT ON COLUMN measure.name_en IS 'English name.';
COMMENT ON COLUMN measure.unit_zh IS 'The Chinese measure word.';
COMMENT ON COLUMN measure.rank IS 'Order in lists.';

CREATE TABLE kind (
    code text PRIMARY KEY,
    category text NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    rank integer NOT NULL,
    CONSTRAINT kind_category_known
        CHECK (category IN ('residential', 'community', 'meals', 'relief', 'funeral', 'other'))
);
COMMENT ON TABLE kind IS 'What a facility can be.';
COMMENT ON COLUMN kind.code IS 'The word for it in files, addresses and JSON.';
COMMENT ON COLUMN kind.category IS 'The group that it belongs to.';
COMMENT ON COLUMN kind.name_zh IS 'Chinese name.';
COMMENT ON COLUMN kind.name_en IS 'English name.';
COMMENT ON COLUMN kind.rank IS 'Order in lists.';

CREATE TABLE kind_measure (
    kind text NOT NULL REFERENCES kind (code) ON UPDATE CASCADE ON DELETE CASCADE,
    measure text NOT NULL REFERENCES measure (code) ON UPDATE CASCADE,
    rank smallint NOT NULL,
    PRIMARY KEY (kind, measure)
);
CREATE INDEX kind_measure_measure ON kind_measure (measure);
COMMENT ON TABLE kind_measure IS 'Which measures a kind of facility has.';
COMMENT ON COLUMN kind_measure.kind IS 'The kind.';
COMMENT ON COLUMN kind_measure.measure IS 'A measure that such a facility has.';
COMMENT ON COLUMN kind_measure.rank IS 'The lowest is the one that "free" speaks of when none is named.';

CREATE TABLE rating_scheme (
    code text PRIMARY KEY,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    levels smallint NOT NULL,
    valid_years integer,
    unit text NOT NULL,
    rank integer NOT NULL,
    CONSTRAINT rating_scheme_levels_few CHECK (levels BETWEEN 1 AND 9),
    CONSTRAINT rating_scheme_years_positive CHECK (valid_years > 0)
);
COMMENT ON TABLE rating_scheme IS 'A scheme in which facilities are rated.';
COMMENT ON COLUMN rating_scheme.code IS 'The word for it in files, addresses and JSON.';
COMMENT ON COLUMN rating_scheme.name_zh IS 'Chinese name.';
COMMENT ON COLUMN rating_scheme.name_en IS 'English name.';
COMMENT ON COLUMN rating_scheme.levels IS 'How many levels there are; the highest is the best.';
COMMENT ON COLUMN rating_scheme.valid_years IS 'How long a rating stands that names no last day; null where the scheme sets no limit.';
COMMENT ON COLUMN rating_scheme.unit IS 'What is written after the level.';
COMMENT ON COLUMN rating_scheme.rank IS 'Which scheme speaks first when a facility is rated in several.';

INSERT INTO measure (code, name_zh, name_en, unit_zh, rank) VALUES
    ('beds', '床位', 'Beds', '张', 1),
    ('day_places', '日托位', 'Day places', '个', 2),
    ('meals_per_day', '日供餐量', 'Meals a day', '份', 3),
    ('seats', '餐位', 'Seats', '座', 4),
    ('plots', '墓穴（格位）', 'Plots and niches', '个', 5);

INSERT INTO kind (rank, code, category, name_zh, name_en) VALUES
    (1, 'nursing_home', 'residential', '养老机构', 'Nursing home'),
    (2, 'nursing_hospital', 'residential', '护理院', 'Nursing hospital'),
    (3, 'regional_rural_centre', 'residential', '农村区域性养老服务中心', 'Regional rural elderly-care centre'),
    (4, 'concentrated_care_centre', 'residential', '失能失智集中供养中心', 'Centre for residents with disability or dementia'),
    (5, 'street_day_care', 'community', '街道综合性日间照料中心', 'Sub-district day-care centre'),
    (6, 'day_care', 'community', '社区日间照料中心', 'Community day-care centre'),
    (7, 'community_centre', 'community', '居家社区养老服务中心', 'Home and community care centre'),
    (8, 'community_station', 'community', '居家社区养老服务站', 'Home and community care station'),
    (9, 'embedded_centre', 'community', '社区嵌入式养老服务中心', 'Embedded community care centre'),
    (10, 'neighbour_point', 'community', '睦邻点', 'Neighbour point'),
    (11, 'elder_support_station', 'community', '助老守护站', 'Elder support station'),
    (12, 'canteen', 'meals', '幸福食堂（爱心食堂）', 'Elders'' canteen'),
    (13, 'meal_point', 'meals', '助餐点', 'Meal point'),
    (14, 'village_relief_station', 'relief', '村级社会救助站', 'Village relief station'),
    (15, 'relief_station', 'relief', '救助管理站', 'Relief station'),
    (16, 'assistance_centre', 'relief', '社会救助帮扶中心（站）', 'Social assistance centre'),
    (17, 'mutual_aid_society', 'relief', '救急难互助社', 'Mutual aid society'),
    (18, 'charity_site', 'relief', '慈善组织（慈善站）', 'Charity'),
    (19, 'social_work_station', 'relief', '社工站', 'Social work station'),
    (20, 'public_cemetery', 'funeral', '公益性公墓', 'Public cemetery'),
    (21, 'commercial_cemetery', 'funeral', '经营性公墓', 'Commercial cemetery'),
    (22, 'columbarium', 'funeral', '骨灰堂', 'Columbarium'),
    (23, 'funeral_home', 'funeral', '殡仪馆', 'Funeral home'),
    (24, 'children_care_home', 'other', '关爱之家', 'Children''s care home'),
    (25, 'minor_protection_station', 'other', '未成年人保护站', 'Minors'' protection station'),
    (26, 'child_practice_base', 'other', '儿童成长实践基地', 'Children''s practice base'),
    (27, 'mental_rehab_site', 'other', '精神障碍社区康复点', 'Community mental rehabilitation site'),
    (28, 'welfare_centre', 'other', '福利中心', 'Welfare centre'),
    (29, 'community_building', 'other', '社区综合服务设施', 'Community service building');

INSERT INTO kind_measure (kind, measure, rank)
SELECT kind, measure, rank
FROM (VALUES
    ('nursing_home', ARRAY['beds', 'day_places', 'meals_per_day']),
    ('nursing_hospital', ARRAY['beds', 'day_places']),
    ('regional_rural_centre', ARRAY['beds', 'day_places', 'meals_per_day']),
    ('concentrated_care_centre', ARRAY['beds']),
    ('street_day_care', ARRAY['day_places', 'beds', 'meals_per_day', 'seats']),
    ('day_care', ARRAY['day_places', 'beds', 'meals_per_day', 'seats']),
    ('community_centre', ARRAY['day_places', 'beds', 'meals_per_day', 'seats']),
    ('community_station', ARRAY['day_places', 'beds', 'meals_per_day', 'seats']),
    ('embedded_centre', ARRAY['beds', 'day_places', 'meals_per_day', 'seats']),
    ('neighbour_point', ARRAY['seats', 'day_places', 'meals_per_day']),
    ('canteen', ARRAY['meals_per_day', 'seats']),
    ('meal_point', ARRAY['meals_per_day', 'seats']),
    ('relief_station', ARRAY['beds']),
    ('public_cemetery', ARRAY['plots']),
    ('commercial_cemetery', ARRAY['plots']),
    ('columbarium', ARRAY['plots']),
    ('children_care_home', ARRAY['day_places']),
    ('welfare_centre', ARRAY['beds', 'day_places'])
) AS has (kind, measures),
unnest(measures) WITH ORDINALITY AS each (measure, rank);

INSERT INTO rating_scheme (rank, code, name_zh, name_en, levels, valid_years, unit) VALUES
    (1, 'gb37276', '养老机构等级（GB/T 37276）', 'National grade of nursing homes (GB/T 37276)', 5, 3, '星'),
    (2, 'city_star', '市级星级', 'City star rating', 5, NULL, '星'),
    (3, 'community_a', '社区居家养老服务中心等级', 'Grade of community care centres', 5, NULL, 'A'),
    (4, 'leaf', '叶级（地方）', 'Leaf rating (local)', 5, NULL, '叶'),
    (5, 'cms_five_star', '美国 CMS 五星评级', 'CMS Five-Star Quality Rating (United States)', 5, NULL, '星');
