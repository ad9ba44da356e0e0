DROP FUNCTION capacity_print;
