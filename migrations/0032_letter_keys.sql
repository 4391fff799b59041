-- The keys that a letter holds for its reader alone, as a JSON list: its words have marks in their place, and they go once it
-- is dealt with ("[]" by then). Letters of older programs have them in their words, and say so by "secret".
ALTER TABLE letters ADD COLUMN keys text NOT NULL DEFAULT ''
