package view

import (
	"cmp"
	"html/template"
	"reflect"
	"slices"
	"sync/atomic"
)

// memo keeps what one place of a template has found out about the types that come by. They are few, so they are looked
// through in turn.
type memo[T any] struct{ seen atomic.Pointer[[]known[T]] }

type known[T any] struct {
	typ   reflect.Type
	addr  bool // methods of *T are within reach
	about T
}

func (m *memo[T]) of(v reflect.Value, find func(reflect.Value) T) T {
	typ, addr := v.Type(), v.CanAddr()
	if seen := m.seen.Load(); seen != nil {
		for i := range *seen {
			if k := &(*seen)[i]; k.typ == typ && k.addr == addr {
				return k.about
			}
		}
	}
	about := find(v)
	m.add(known[T]{typ, addr, about})
	return about
}

func (m *memo[T]) add(k known[T]) {
	var all []known[T]
	if seen := m.seen.Load(); seen != nil {
		all = *seen
	}
	all = append(slices.Clip(all), k)
	m.seen.Store(&all) // what another added meanwhile is found out again
}

// indirect follows pointers and interfaces; a nil pointer stays, a nil interface is no value.
func indirect(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Pointer && !v.IsNil() || v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	return v
}

// concrete is what an interface holds.
func concrete(v reflect.Value) reflect.Value {
	if v.Kind() == reflect.Interface {
		return v.Elem()
	}
	return v
}

// truth is text/template's.
func truth(v reflect.Value) bool {
	switch v = concrete(v); v.Kind() {
	case reflect.Bool:
		return v.Bool()
	case reflect.String, reflect.Slice, reflect.Map, reflect.Array:
		return v.Len() > 0
	case reflect.Pointer, reflect.Func:
		return !v.IsNil()
	case reflect.Struct:
		return true
	case reflect.Invalid:
		return false
	}
	switch {
	case v.CanInt():
		return v.Int() != 0
	case v.CanUint():
		return v.Uint() != 0
	case v.CanFloat():
		return v.Float() != 0
	}
	panic(giveUp)
}

// equal compares what is of one simple kind.
func equal(v, w reflect.Value) bool {
	v, w = concrete(v), concrete(w)
	switch {
	case v.Kind() == reflect.String && w.Kind() == reflect.String:
		return v.String() == w.String()
	case v.Kind() == reflect.Bool && w.Kind() == reflect.Bool:
		return v.Bool() == w.Bool()
	case v.CanInt() && w.CanInt():
		return v.Int() == w.Int()
	case v.CanUint() && w.CanUint():
		return v.Uint() == w.Uint()
	}
	panic(giveUp)
}

// compare orders what is of one simple kind.
func compare(v, w reflect.Value) int {
	v, w = concrete(v), concrete(w)
	switch {
	case v.Kind() == reflect.String && w.Kind() == reflect.String:
		return cmp.Compare(v.String(), w.String())
	case v.CanInt() && w.CanInt():
		return cmp.Compare(v.Int(), w.Int())
	case v.CanUint() && w.CanUint():
		return cmp.Compare(v.Uint(), w.Uint())
	}
	panic(giveUp)
}

// at is an element of a list or a map; what a map does not hold is its zero value.
func at(v, i reflect.Value) reflect.Value {
	v, i = indirect(v), concrete(i)
	switch {
	case v.Kind() == reflect.Map && i.IsValid() && i.Type().AssignableTo(v.Type().Key()):
		if x := v.MapIndex(i); x.IsValid() {
			return x
		}
		return reflect.Zero(v.Type().Elem())
	case (v.Kind() == reflect.Slice || v.Kind() == reflect.Array) && i.CanInt():
		return v.Index(int(i.Int()))
	}
	panic(giveUp)
}

// text makes a value of a string without allocating: the values of a run point into one slice. Nothing outlives the run,
// since Interface copies what can be addressed and fit takes no addresses.
func (r *run) text(s string) reflect.Value { return reflect.ValueOf(r.keep(s)).Elem() }

func (r *run) html(s template.HTML) reflect.Value {
	return reflect.ValueOf((*template.HTML)(r.keep(string(s)))).Elem()
}

func (r *run) attr(s template.HTMLAttr) reflect.Value {
	return reflect.ValueOf((*template.HTMLAttr)(r.keep(string(s)))).Elem()
}

func (r *run) keep(s string) *string {
	if len(r.texts) == cap(r.texts) {
		r.texts = make([]string, 0, 2*cap(r.texts)+64) // the values so far go on with the old one
	}
	r.texts = append(r.texts, s)
	return &r.texts[len(r.texts)-1]
}

// field is one name of a chain: a field, a method, or a key of a map.
type field struct {
	name string
	args []operand
	memo memo[access]
}

// access reads it from values of one type, the pointers followed.
type access func(r *run, v, dot reflect.Value) reflect.Value

func (f *field) get(r *run, v, dot reflect.Value) reflect.Value {
	if v = indirect(v); !v.IsValid() {
		panic(giveUp)
	}
	return f.memo.of(v, f.find)(r, v, dot)
}

func (f *field) find(v reflect.Value) access {
	typ, addr := v.Type(), v.CanAddr() && v.Kind() != reflect.Pointer
	if addr {
		typ = reflect.PointerTo(typ)
	}
	if m, ok := typ.MethodByName(f.name); ok {
		return f.method(typ, m.Index, addr)
	}
	switch {
	case len(f.args) > 0:
	case v.Kind() == reflect.Struct:
		x, ok := v.Type().FieldByName(f.name)
		if !ok || !x.IsExported() {
			break
		}
		if len(x.Index) == 1 {
			i := x.Index[0]
			return func(_ *run, v, _ reflect.Value) reflect.Value { return v.Field(i) }
		}
		return func(_ *run, v, _ reflect.Value) reflect.Value { return v.FieldByIndex(x.Index) }
	case v.Type() == reflect.TypeFor[map[string]any]():
		return func(_ *run, v, _ reflect.Value) reflect.Value {
			if x := v.Interface().(map[string]any)[f.name]; x != nil {
				return reflect.ValueOf(x)
			}
			panic(giveUp)
		}
	}
	return func(*run, reflect.Value, reflect.Value) reflect.Value { panic(giveUp) }
}

// method calls the method of typ; addr: what is given is not yet its pointer.
func (f *field) method(typ reflect.Type, index int, addr bool) access {
	args := fitAll(reflect.Zero(typ).Method(index).Type(), f.args)
	known, ok := direct[f.name]
	ok = ok && typ.Implements(known.typ)
	return func(r *run, v, dot reflect.Value) reflect.Value {
		if addr {
			v = v.Addr()
		}
		base := r.prepare(args, dot)
		var out reflect.Value
		if ok {
			out = known.call(r, v.Interface(), r.args[base:])
		} else {
			out = result(v.Method(index).Call(r.args[base:]))
		}
		r.args = r.args[:base]
		return out
	}
}
