//! Tests of the report's formulas over small records.
