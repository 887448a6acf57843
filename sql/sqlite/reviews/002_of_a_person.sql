-- A person's reviews of all titles: for the export of what is stored about them, and for taking their name out.
CREATE INDEX reviews_of_a_person ON reviews (user_id, review_id DESC);
