package kind

import (
	"slices"

	"plenary/internal/i18n"
)

// Choices tells which values a field may have, for content.Store.
type Choices struct{}

// Has reports whether value is one of the choices of enum.
func (Choices) Has(enum, value string) bool { return slices.Contains(Values(enum), value) }

// Values lists the choices of an enum in the order forms show them; nil if there is no such enum.
func Values(enum string) []string {
	switch enum {
	case "country":
		return i18n.Countries()
	case "language":
		return i18n.Languages()
	case "zone":
		return i18n.Zones()
	}
	return Enums[enum]
}
