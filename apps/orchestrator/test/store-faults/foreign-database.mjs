// Makes the database of another program. Argument: the file.
import SqliteDatabase from 'better-sqlite3';

const sqlite = new SqliteDatabase(process.argv[2]);
sqlite.exec('CREATE TABLE bookmarks (url TEXT); PRAGMA user_version = 3');
sqlite.close();
