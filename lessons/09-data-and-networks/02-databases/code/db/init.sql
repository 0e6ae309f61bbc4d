CREATE TABLE khata (day date, cups int);
INSERT INTO khata VALUES ('2026-11-20', 340), ('2026-11-21', 355);
