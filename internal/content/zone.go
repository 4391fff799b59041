package content

import (
	"errors"
	"sync"
	"time"
	_ "time/tzdata" // the machine may have no zone files
)

// What can be wrong with a wall time at a change of the clock.
var (
	ErrNoSuchTime = errors.New("this wall time does not exist: the clock is set forward over it")
	ErrTwiceTime  = errors.New("this wall time happens twice: the clock is set back over it")
)

// zoneCache keeps parsed zones: time.LoadLocation reads and parses at each call.
type zoneCache struct {
	mu sync.RWMutex
	m  map[string]*time.Location
}

func newZoneCache() *zoneCache { return &zoneCache{m: map[string]*time.Location{}} }

func (z *zoneCache) get(name string) *time.Location {
	z.mu.RLock()
	l, ok := z.m[name]
	z.mu.RUnlock()
	if ok {
		return l
	}
	l, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		return time.UTC // not kept: an endless row of invented names must not fill the memory
	}
	z.mu.Lock()
	z.m[name] = l
	z.mu.Unlock()
	return l
}
