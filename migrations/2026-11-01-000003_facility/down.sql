DROP TABLE rating;
DROP TABLE capacity;
DROP TABLE facility;
