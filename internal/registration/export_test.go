package registration

// ReadDocument gives the words in a document's controls, by tag.
func ReadDocument(file []byte) (map[string][]string, error) {
	doc, err := readDocument(file)
	if err != nil {
		return nil, err
	}
	out := map[string][]string{}
	for tag, cs := range doc.controls {
		for _, c := range cs {
			out[tag] = append(out[tag], c.text)
		}
	}
	return out, nil
}
