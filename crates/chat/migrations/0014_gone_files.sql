-- Folders and files of the blob store whose owner is gone, and since when that is known. They are removed a while later.
CREATE TABLE gone_files (
    shelf TEXT NOT NULL,
    id BIGINT NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (shelf, id)
);
