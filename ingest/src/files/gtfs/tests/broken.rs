//! Feeds that are each broken in one way.

use std::io::Write;
use std::path::Path;

use super::super::{FeedError, Problem, read};
use super::{FEED, feed};

fn problems(folder: &Path) -> Vec<Problem> {
    match read(folder) {
        Err(FeedError::Invalid { problems, total }) => {
            assert_eq!(problems.len() as u64, total);
            problems
        }
        other => panic!("{other:?}"),
    }
}

/// The feed with one file changed has that problem and no other.
fn only(file: &str, content: &str, line: u64, field: &str, reason: &str) {
    let folder = tempfile::tempdir().unwrap();
    feed(folder.path(), file, Some(content));
    let found = problems(folder.path());
    let [problem] = found.as_slice() else { panic!("{file} {content:?}: {found:#?}") };
    assert_eq!((problem.file.as_str(), problem.line, problem.field.as_str()), (file, line, field), "{problem}");
    assert!(problem.reason.contains(reason), "{problem}");
}

fn loads(file: &str, content: &[u8]) -> super::super::Feed {
    let folder = tempfile::tempdir().unwrap();
    feed(folder.path(), "", None);
    std::fs::write(folder.path().join(file), content).unwrap();
    read(folder.path()).unwrap_or_else(|e| panic!("{file}: {e}"))
}

fn text_of(file: &str) -> &'static str {
    FEED.iter().find(|(name, _)| *name == file).unwrap().1
}

#[test]
fn each_required_file_is_missed_alone() {
    for (name, _) in FEED {
        let folder = tempfile::tempdir().unwrap();
        feed(folder.path(), name, None);
        let found = problems(folder.path());
        assert_eq!(found.len(), 1, "{name}: {found:#?}");
        assert!(found[0].reason.contains("required"), "{}", found[0]);
        let file = if name == "calendar_dates.txt" { "calendar.txt" } else { name };
        assert_eq!((found[0].file.as_str(), found[0].line), (file, 0));
    }
}

#[test]
fn a_file_under_another_spelling_is_told_with_the_right_one() {
    let folder = tempfile::tempdir().unwrap();
    feed(folder.path(), "trips.txt", None);
    std::fs::write(folder.path().join("Trips.TXT"), text_of("trips.txt")).unwrap();
    let found = problems(folder.path());
    assert!(found[0].reason.contains("rename it to trips.txt"), "{found:?}");
}

#[test]
fn every_reference_into_another_file_is_followed() {
    only("trips.txt", "route_id,service_id,trip_id\nq,d,t\n", 2, "route_id", "q is not in routes.txt");
    only("trips.txt", "route_id,service_id,trip_id\nr,e,t\n", 2, "service_id", "e is not in calendar.txt or");
    only("trips.txt", "route_id,service_id,trip_id,shape_id\nr,d,t,x\n", 2, "shape_id", "x is not in shapes.txt");
    let times = |row: &str| format!("{}{row}\n", text_of("stop_times.txt"));
    only("stop_times.txt", &times("u,08:00:00,08:00:00,A,1"), 5, "trip_id", "u is not in trips.txt");
    only("stop_times.txt", &times("t,25:00:00,25:00:00,Z,9"), 5, "stop_id", "Z is not in stops.txt");
    only("stop_times.txt", &times("t,25:00:00,25:00:00,S,9"), 5, "stop_id", "a station or an entrance");
    let stops = |row: &str| format!("{}{row}\n", text_of("stops.txt"));
    only("stops.txt", &stops("D,Д,48.9,24.7,0,Z,"), 6, "parent_station", "Z is not in stops.txt");
    only("stops.txt", &stops("D,Д,48.9,24.7,0,A,"), 6, "parent_station", "A is not a station");
    only("stops.txt", &stops("D,Вхід,48.9,24.7,2,,"), 6, "parent_station", "required");
    let leveled = text_of("stops.txt").replace("stop_id,", "level_id,stop_id,").replace("\nA,", "\nL1,A,");
    let leveled = ["S,", "B,", "C,"].iter().fold(leveled, |t, id| t.replace(&format!("\n{id}"), &format!("\n,{id}")));
    only("stops.txt", &leveled, 3, "level_id", "L1 is not in levels.txt");
    let route = "route_id,agency_id,route_short_name,route_type\nr,other,1,11\n";
    only("routes.txt", route, 2, "agency_id", "other is not in agency.txt");
    let transfer = "from_stop_id,to_stop_id,transfer_type\nA,Z,0\n";
    only("transfers.txt", transfer, 2, "to_stop_id", "Z is not in stops.txt");
    let transfer = "from_stop_id,to_stop_id,from_route_id,to_route_id,transfer_type\nA,B,r,q,0\n";
    only("transfers.txt", transfer, 2, "to_route_id", "q is not in routes.txt");
    only("transfers.txt", "from_trip_id,to_trip_id,transfer_type\nt,u,4\n", 2, "to_trip_id", "u is not in trips.txt");
    let pathway = "pathway_id,from_stop_id,to_stop_id,pathway_mode,is_bidirectional\np,A,Z,1,1\n";
    only("pathways.txt", pathway, 2, "to_stop_id", "Z is not in stops.txt");
    let pathway = "pathway_id,from_stop_id,to_stop_id,pathway_mode,is_bidirectional\np,A,S,1,1\n";
    only("pathways.txt", pathway, 2, "to_stop_id", "S is a station");
    let frequency = "trip_id,start_time,end_time,headway_secs\nu,08:00:00,09:00:00,600\n";
    only("frequencies.txt", frequency, 2, "trip_id", "u is not in trips.txt");
}

#[test]
fn a_row_that_is_refused_is_not_also_missed_by_those_that_name_it() {
    let stops = text_of("stops.txt").replace("C,Парк,48.94,24.73", "C,Парк,,");
    only("stops.txt", &stops, 5, "stop_lat", "required and empty");
}

#[test]
fn time_does_not_run_backwards_along_a_trip() {
    let times = "trip_id,arrival_time,departure_time,stop_id,stop_sequence\nt,08:00:00,08:00:00,A,1\n\
                 t,08:10:00,08:10:00,B,2\nt,08:05:00,08:05:00,C,3\n";
    only("stop_times.txt", times, 4, "arrival_time", "before it left the stop before");
    let times = "trip_id,arrival_time,departure_time,stop_id,stop_sequence\nt,08:00:00,08:00:00,A,1\n\
                 t,08:10:00,08:09:00,B,2\nt,08:15:00,08:15:00,C,3\n";
    only("stop_times.txt", times, 3, "departure_time", "before the arrival");
}

#[test]
fn ids_that_stand_twice_are_told() {
    for (file, row, field) in [
        ("stops.txt", "A,Інша,48.92,24.71,0,,", "stop_id"),
        ("routes.txt", "r,2,Інший,3", "route_id"),
        ("trips.txt", "r,d,t", "trip_id"),
    ] {
        let text = text_of(file);
        let line = text.lines().count() as u64 + 1;
        only(file, &format!("{text}{row}\n"), line, field, "twice");
    }
    let calendar = "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n\
                    d,1,1,1,1,1,1,1,20260101,20261231\nd,1,1,1,1,1,1,1,20260101,20261231\n";
    only("calendar.txt", calendar, 3, "service_id", "twice");
    let agencies =
        "agency_id,agency_name,agency_url,agency_timezone\n1,a,http://a,Europe/Kyiv\n1,b,http://b,Europe/Kyiv\n";
    only("agency.txt", agencies, 3, "agency_id", "twice");
    only("levels.txt", "level_id,level_index\nL,0\nL,1\n", 3, "level_id", "twice");
    only("routes.txt", "route_id,route_id,route_short_name,route_type\nr,r,1,3\n", 1, "route_id", "header twice");
}

#[test]
fn sequences_in_any_order_are_read_and_twice_the_same_is_told() {
    let times = text_of("stop_times.txt");
    let feed = loads("stop_times.txt", times.as_bytes());
    let stops: Vec<_> = feed.timetable.trips[0].stop_times.iter().map(|call| call.stop.0.as_str()).collect();
    assert_eq!(stops, ["A", "B", "C"], "the file has C first");
    only("stop_times.txt", &format!("{times}t,24:45:00,24:45:00,B,3\n"), 5, "stop_sequence", "the sequence 3 twice");
}

#[test]
fn a_shape_is_a_line() {
    let one = "shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence\ns,48.92,24.71,1\n";
    only("shapes.txt", one, 2, "shape_id", "one point");
    let twice = format!("{one}s,48.93,24.72,1\n");
    only("shapes.txt", &twice, 3, "shape_pt_sequence", "twice");
}

#[test]
fn days_are_those_of_the_calendar() {
    let week = |start: &str, end: &str| {
        format!(
            "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n\
             d,1,1,1,1,1,0,0,{start},{end}\n"
        )
    };
    only("calendar.txt", &week("20261231", "20260101"), 2, "end_date", "before the start");
    only("calendar.txt", &week("20260229", "20261231"), 2, "start_date", "is no date");
    only("calendar_dates.txt", "service_id,date,exception_type\nd,20260229,1\n", 2, "date", "is no date");
    only("calendar_dates.txt", "service_id,date,exception_type\nd,2026-03-01,1\n", 2, "date", "20260301");
    let leap = loads("calendar_dates.txt", b"service_id,date,exception_type\nd,20280229,1\n");
    let service = leap.timetable.services.values().next().unwrap();
    assert!(service.runs_on(jiff::civil::date(2028, 2, 29)) && !service.runs_on(jiff::civil::date(2028, 2, 28)));
}

#[test]
fn a_zone_that_nobody_knows_is_told() {
    let agency = "agency_name,agency_url,agency_timezone\nx,http://x,Europe/Frankivsk\n";
    only("agency.txt", agency, 2, "agency_timezone", "such as Europe/Kyiv");
    let two =
        "agency_id,agency_name,agency_url,agency_timezone\n1,x,http://x,Europe/Kyiv\n2,y,http://y,Europe/Warsaw\n";
    only("agency.txt", two, 3, "agency_timezone", "one time zone");
}

#[test]
fn a_mark_at_the_beginning_and_line_ends_of_windows_do_no_harm() {
    for (name, text) in FEED {
        let windows = format!("\u{feff}{}", text.replace('\n', "\r\n"));
        let feed = loads(name, windows.as_bytes());
        assert_eq!(feed.counts.stop_times, 3, "{name}");
    }
    let crlf = text_of("trips.txt").replace('\n', "\r\n").replace("r,d,t", "q,d,t");
    only("trips.txt", &crlf, 2, "route_id", "q is not");
    let after_empty_lines = text_of("trips.txt").replace("r,d,t", "\r\n\r\nq,d,t");
    only("trips.txt", &after_empty_lines, 4, "route_id", "q is not");
}

#[test]
fn semicolons_are_told_with_what_to_do() {
    let text = text_of("stops.txt").replace(',', ";");
    only("stops.txt", &text, 1, "", "separated by semicolons, GTFS separates them by commas");
    let text = text_of("stops.txt").replace(',', "\t");
    only("stops.txt", &text, 1, "", "separated by tabs");
}

/// Windows-1251 of the letters that the feed's names use.
fn windows_1251(text: &str) -> Vec<u8> {
    let byte = |c: char| match c {
        'А'..='я' => (c as u32 - 'А' as u32) as u8 + 0xc0,
        'і' => 0xb3,
        '–' => 0x96,
        _ => u8::try_from(c).unwrap(),
    };
    text.chars().map(byte).collect()
}

#[test]
fn another_encoding_is_told_with_the_line_that_converts_it() {
    let folder = tempfile::tempdir().unwrap();
    feed(folder.path(), "", None);
    let path = folder.path().join("stops.txt");
    std::fs::write(&path, windows_1251(text_of("stops.txt"))).unwrap();
    let [problem] = &problems(folder.path())[..] else { panic!("one problem") };
    assert_eq!((problem.file.as_str(), problem.line), ("stops.txt", 2), "the header is plain");
    let command = problem.reason.split("converts it: ").nth(1).unwrap();
    assert_eq!(command, "iconv -f CP1251 -t UTF-8 stops.txt > converted && mv converted stops.txt");
    let done = std::process::Command::new("sh").args(["-c", command]).current_dir(folder.path()).status();
    match done {
        Ok(status) if status.success() => {
            let feed = read(folder.path()).unwrap();
            assert!(feed.timetable.stops.values().any(|stop| stop.name == "Ринок"), "the told line mends it");
        }
        other => println!("SKIPPED the conversion: {other:?}"),
    }
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain("stop_id".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    std::fs::write(&path, utf16).unwrap();
    assert!(problems(folder.path())[0].reason.contains("-f UTF-16"));
    std::fs::write(&path, b"stop_id,stop_name\nA,\x80\x81\n").unwrap();
    assert!(problems(folder.path())[0].reason.contains("-f ENCODING"));
}

#[test]
fn a_line_break_within_quotes_is_part_of_the_text_and_still_a_line() {
    let stops = text_of("stops.txt").replace("B,Ринок,", "B,\"Ринок,\nвхід\",");
    let feed = loads("stops.txt", stops.as_bytes());
    assert!(feed.timetable.stops.values().any(|stop| stop.name == "Ринок,\nвхід"));
    let stops = stops.replace("C,Парк,48.94", "C,Парк,148.94");
    only("stops.txt", &stops, 6, "stop_lat", "148.94");
}

#[test]
fn a_comma_without_quotes_is_told_by_its_row() {
    let routes = "route_id,route_short_name,route_long_name,route_type\nr,1,Вокзал, Парк,11\n";
    let folder = tempfile::tempdir().unwrap();
    feed(folder.path(), "routes.txt", Some(routes));
    let found = problems(folder.path());
    assert!(found[0].line == 2 && found[0].reason.contains("5 fields, the header 4"), "{found:?}");
}

fn zip_of(path: &Path, files: &[(&str, &[u8])]) {
    let mut zip = zip::ZipWriter::new(std::fs::File::create(path).unwrap());
    for (name, bytes) in files {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
}

fn refused(files: &[(&str, &[u8])]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("feed.zip");
    zip_of(&path, files);
    read(&path).unwrap_err().to_string()
}

fn files_in(folder: &str) -> Vec<(String, &'static [u8])> {
    FEED.iter().map(|(name, text)| (format!("{folder}{name}"), text.as_bytes())).collect()
}

#[test]
fn a_zip_is_read_with_or_without_the_folder_it_was_packed_with() {
    let folder = tempfile::tempdir().unwrap();
    for inner in ["", "gtfs/", "місто/2026/"] {
        let path = folder.path().join("feed.zip");
        let mut files = files_in(inner);
        files.push(("__MACOSX/._stops.txt".to_owned(), b"\0\0"));
        let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
        zip_of(&path, &files);
        assert_eq!(read(&path).unwrap().counts.stop_times, 3, "{inner}");
    }
}

#[test]
fn what_is_no_zip_or_an_empty_one_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("feed.zip");
    for bytes in [b"".as_slice(), b"<html>404</html>", b"PK\x03\x04broken", &[0; 4000]] {
        std::fs::write(&path, bytes).unwrap();
        let told = read(&path).unwrap_err().to_string();
        assert!(told.contains("no zip file"), "{told}");
    }
    assert!(refused(&[]).contains("the zip is empty"));
    let told = refused(&[("readme.md", b"hello")]);
    assert!(told.contains("required and missing"), "{told}");
    assert!(read(&folder.path().join("none.zip")).is_err());
}

#[test]
fn names_that_lead_out_of_the_zip_are_refused() {
    for name in ["../stops.txt", "gtfs/../../stops.txt", "/etc/stops.txt", "..\\stops.txt", "C:\\stops.txt"] {
        let told = refused(&[(name, text_of("stops.txt").as_bytes())]);
        assert!(told.contains("leads out of it"), "{name}: {told}");
    }
}

#[test]
fn a_zip_that_grows_two_hundred_megabytes_is_refused_before_it_is_unpacked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bomb.zip");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    for (name, text) in FEED {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
        if name == "stops.txt" {
            let spaces = vec![b' '; 1 << 20];
            (0..200).for_each(|_| zip.write_all(&spaces).unwrap());
        }
    }
    zip.finish().unwrap();
    let packed = std::fs::read(&path).unwrap();
    assert!(packed.len() < 400_000, "{} bytes", packed.len());
    let begun = std::time::Instant::now();
    let told = read(&path).unwrap_err().to_string();
    assert!(told.contains("stops.txt grows more than 100 times"), "{told}");
    assert!(begun.elapsed().as_millis() < 500, "{:?}", begun.elapsed());

    // The same with a claim to be small, in the central directory and before the file.
    let size = (200_u32 << 20) + text_of("stops.txt").len() as u32;
    let (mut lying, claimed) = (packed, 1_000_u32.to_le_bytes());
    let places: Vec<usize> =
        lying.windows(4).enumerate().filter(|(_, four)| *four == size.to_le_bytes()).map(|(at, _)| at).collect();
    assert!(!places.is_empty());
    places.into_iter().for_each(|at| lying[at..at + 4].copy_from_slice(&claimed));
    std::fs::write(&path, lying).unwrap();
    let told = read(&path).unwrap_err().to_string();
    assert!(told.contains("stops.txt"), "{told}");
}
