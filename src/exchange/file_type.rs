//! File types that are often sent instead of CSV or GeoJSON, known by their first bytes, and what to do with each.

/// A type of file that is no text of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileType {
    pub code: &'static str,
    /// With its article.
    pub name: &'static str,
    pub instead: &'static str,
}

const AS_CSV: &str = "a CSV or GeoJSON file; open it in the spreadsheet program and save it as \"CSV UTF-8\"";
const UNPACK: &str = "the file inside it, unpacked: a CSV or GeoJSON file";
const LIST: &str = "the list itself as a CSV or GeoJSON file";

const fn of(code: &'static str, name: &'static str, instead: &'static str) -> FileType {
    FileType { code, name, instead }
}

const SHAPEFILE_ZIP: FileType =
    of("shapefile", "a zipped Shapefile", "GeoJSON: ogr2ogr -f GeoJSON -t_srs EPSG:4326 out.geojson /vsizip/in.zip");
const KML: &str = "GeoJSON: ogr2ogr -f GeoJSON out.geojson in.kml";
const GEOPACKAGE: FileType =
    of("geopackage", "a GeoPackage (.gpkg)", "GeoJSON: ogr2ogr -f GeoJSON -t_srs EPSG:4326 out.geojson in.gpkg LAYER");
const OSM: &str =
    "GeoJSON: osmium export in.osm.pbf -o out.geojson, or ogr2ogr -f GeoJSON out.geojson in.osm.pbf points";

/// By the first bytes.
const BEGINNINGS: [(&[u8], FileType); 22] = [
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", of("workbook", "a workbook (.xls) or another old Office file", AS_CSV)),
    (
        b"SQLite format 3\0",
        of("database", "an SQLite database", "GeoJSON: ogr2ogr -f GeoJSON out.geojson in.sqlite LAYER"),
    ),
    (b"%PDF", of("document", "a PDF document", LIST)),
    (b"{\\rtf", of("document", "a text document (.rtf)", LIST)),
    (b"\x89PNG", of("image", "an image (PNG)", LIST)),
    (b"\xff\xd8\xff", of("image", "an image (JPEG)", LIST)),
    (b"GIF8", of("image", "an image (GIF)", LIST)),
    (b"BM\x00", of("image", "an image (BMP)", LIST)),
    (b"RIFF", of("image", "an image (WebP) or a sound", LIST)),
    (b"II*\0", of("image", "an image (TIFF)", LIST)),
    (b"MM\0*", of("image", "an image (TIFF)", LIST)),
    (
        b"\x00\x00\x27\x0a",
        of(
            "shapefile",
            "a Shapefile (.shp)",
            "GeoJSON: ogr2ogr -f GeoJSON -t_srs EPSG:4326 out.geojson in.shp (with its .dbf, .shx and .prj)",
        ),
    ),
    (b"fgb\x03", of("flatgeobuf", "a FlatGeobuf", "GeoJSON: ogr2ogr -f GeoJSON -t_srs EPSG:4326 out.geojson in.fgb")),
    (b"PAR1", of("parquet", "a Parquet file", "GeoJSON or CSV: ogr2ogr -f GeoJSON out.geojson in.parquet")),
    (b"\x1f\x8b", of("archive", "a gzip archive", UNPACK)),
    (b"BZh", of("archive", "a bzip2 archive", UNPACK)),
    (b"7z\xbc\xaf\x27\x1c", of("archive", "a 7z archive", UNPACK)),
    (b"Rar!", of("archive", "a RAR archive", UNPACK)),
    (b"\xfd7zXZ", of("archive", "an xz archive", UNPACK)),
    (b"\x28\xb5\x2f\xfd", of("archive", "a Zstandard archive", UNPACK)),
    (b"\x7fELF", of("program", "a program", LIST)),
    (b"PGDMP", of("database", "a PostgreSQL dump", "GeoJSON: ogr2ogr -f GeoJSON out.geojson PG:dbname=... TABLE")),
];

/// By a name inside a zip file, which its directory has in clear.
const IN_ZIPS: [(&[u8], FileType); 8] = [
    (b"xl/workbook.", of("workbook", "a workbook (.xlsx)", AS_CSV)),
    (b"opendocument.spreadsheet", of("workbook", "a workbook (.ods)", AS_CSV)),
    (b"word/document.xml", of("document", "a text document (.docx)", LIST)),
    (b"ppt/presentation.xml", of("document", "a presentation (.pptx)", LIST)),
    (b".shp", SHAPEFILE_ZIP),
    (b".SHP", SHAPEFILE_ZIP),
    (b".kml", of("kml", "a zipped KML (.kmz)", "GeoJSON: ogr2ogr -f GeoJSON out.geojson in.kmz")),
    (
        b".gdbtable",
        of(
            "geodatabase",
            "a zipped file geodatabase (.gdb)",
            "GeoJSON: ogr2ogr -f GeoJSON -t_srs EPSG:4326 out.geojson in.gdb.zip LAYER",
        ),
    ),
];

/// By an element at the beginning of an XML or HTML text.
const IN_XML: [(&str, FileType); 6] = [
    ("<kml", of("kml", "a KML file", KML)),
    ("<gpx", of("gpx", "a GPX file", "GeoJSON: ogr2ogr -f GeoJSON out.geojson in.gpx waypoints")),
    ("<osm", of("osm", "an OpenStreetMap file (.osm)", OSM)),
    ("<svg", of("image", "an image (SVG)", LIST)),
    ("<html", of("web_page", "a web page (HTML); some systems call such a file .xls", AS_CSV)),
    ("<table", of("web_page", "a web page (HTML); some systems call such a file .xls", AS_CSV)),
];

/// The type of a file that is neither CSV nor GeoJSON; `None` where it may be either.
pub fn file_type(bytes: &[u8]) -> Option<FileType> {
    let holds = |part: &[u8], within: &[u8]| within.windows(part.len()).any(|window| window == part);
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        let inside = IN_ZIPS.iter().find(|(name, _)| holds(name, bytes)).map(|(_, known)| *known);
        return Some(inside.unwrap_or(of("archive", "a zip archive", UNPACK)));
    }
    if bytes.starts_with(b"SQLite format 3\0") && bytes.get(68..72) == Some(b"GPKG".as_slice()) {
        return Some(GEOPACKAGE);
    }
    if holds(b"OSMHeader", &bytes[..bytes.len().min(64)]) {
        return Some(of("osm", "an OpenStreetMap extract (.osm.pbf)", OSM));
    }
    if let Some((_, known)) = BEGINNINGS.iter().find(|(beginning, _)| bytes.starts_with(beginning)) {
        return Some(*known);
    }
    let beginning = String::from_utf8_lossy(&bytes[..bytes.len().min(1000)]).to_ascii_lowercase();
    let text = beginning.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with('<') {
        let inside = IN_XML.iter().find(|(element, _)| text.contains(element)).map(|(_, known)| *known);
        return Some(inside.unwrap_or(of("xml", "an XML file", LIST)));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_often_sent_instead_are_called_what_they_are() {
        for (bytes, code, name) in [
            (b"PK\x03\x04..regions.shp..regions.dbf".as_slice(), "shapefile", "zipped Shapefile"),
            (b"PK\x03\x04..xl/workbook.xml", "workbook", ".xlsx"),
            (b"PK\x03\x04..doc.kml", "kml", ".kmz"),
            (b"PK\x03\x04..notes.txt", "archive", "zip archive"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", "workbook", ".xls"),
            (b"\x00\x00\x00\x0e\x0a\x09OSMHeader\x18", "osm", ".osm.pbf"),
            (b"<?xml version=\"1.0\"?>\n<kml xmlns=\"x\">", "kml", "KML"),
            (b"\xef\xbb\xbf<html><table>", "web_page", "HTML"),
            (b"%PDF-1.7", "document", "PDF"),
            (b"\x89PNG\r\n", "image", "PNG"),
            (b"\x1f\x8b\x08", "archive", "gzip"),
        ] {
            let known = file_type(bytes).unwrap_or_else(|| panic!("{code}"));
            assert!(known.code == code && known.name.contains(name), "{known:?}");
        }
        let mut package = b"SQLite format 3\0".to_vec();
        package.resize(68, 0);
        package.extend(b"GPKG");
        assert_eq!(file_type(&package), Some(GEOPACKAGE));
        assert!(SHAPEFILE_ZIP.instead.contains("ogr2ogr") && GEOPACKAGE.instead.contains("ogr2ogr"));
        for text in ["name,kind\n", "{\"type\":\"FeatureCollection\"}", "", "\u{feff}name", "BMW敬老院,1"] {
            assert_eq!(file_type(text.as_bytes()), None, "{text}");
        }
    }
}
