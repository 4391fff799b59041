package view

import (
	"fmt"
	"html/template"
	"reflect"
	"text/template/parse"
)

// prepare puts arguments on top of those of the calls around this one, and tells where they begin.
func (r *run) prepare(args []expr, dot reflect.Value) int {
	base := len(r.args)
	for _, a := range args {
		v := a(r, dot)
		r.args = append(r.args, v)
	}
	return base
}

func result(out []reflect.Value) reflect.Value {
	if len(out) == 2 && !out[1].IsNil() || out[0].Type() == reflect.TypeFor[reflect.Value]() {
		panic(giveUp)
	}
	return out[0]
}

// call calls a function or a method of x through a type that is known here, which by reflection takes many times longer.
type call func(r *run, x any, args []reflect.Value) reflect.Value

// direct has the methods that pages are mostly made of. The name only saves asking: it is the type that counts.
var direct = map[string]directCall{
	"Empty": of(func(_ *run, x hasEmpty, _ []reflect.Value) reflect.Value { return boolean(x.Empty()) }),
	"Attrs": of(func(r *run, x hasAttrs, _ []reflect.Value) reflect.Value { return r.attr(x.Attrs()) }),
	"HTML":  of(func(r *run, x hasHTML, _ []reflect.Value) reflect.Value { return r.html(x.HTML()) }),
	"URL":   of(func(r *run, x hasURL, args []reflect.Value) reflect.Value { return r.text(x.URL(args[0].String())) }),
	"M": of(func(r *run, x hasM, args []reflect.Value) reflect.Value {
		return r.text(x.M(args[0].String(), anys(args[1:])...))
	}),
	"T": of(func(r *run, x hasT, args []reflect.Value) reflect.Value {
		return r.text(x.T(args[0].String(), anys(args[1:])...))
	}),
}

type (
	hasEmpty interface{ Empty() bool }
	hasAttrs interface{ Attrs() template.HTMLAttr }
	hasHTML  interface{ HTML() template.HTML }
	hasURL   interface{ URL(string) string }
	hasM     interface{ M(string, ...any) string }
	hasT     interface{ T(string, ...any) string }
)

type directCall struct {
	typ  reflect.Type
	call call
}

func of[I any](f func(*run, I, []reflect.Value) reflect.Value) directCall {
	return directCall{reflect.TypeFor[I](), func(r *run, x any, args []reflect.Value) reflect.Value { return f(r, x.(I), args) }}
}

var yes, no = reflect.ValueOf(true), reflect.ValueOf(false)

func boolean(b bool) reflect.Value {
	if b {
		return yes
	}
	return no
}

func anys(args []reflect.Value) []any {
	out := make([]any, len(args))
	for i, v := range args {
		if v.IsValid() {
			out[i] = v.Interface()
		}
	}
	return out
}

// fitAll makes the arguments that a function takes of those that a template gives it.
func fitAll(f reflect.Type, args []operand) []expr {
	fixed := f.NumIn()
	if f.IsVariadic() {
		fixed--
	}
	if len(args) < fixed || len(args) > fixed && !f.IsVariadic() || f.NumOut() < 1 || f.NumOut() > 2 || f.NumOut() == 2 && f.Out(1) != reflect.TypeFor[error]() {
		return []expr{func(*run, reflect.Value) reflect.Value { panic(giveUp) }}
	}
	var out []expr
	for i, a := range args {
		var typ reflect.Type
		if i < fixed {
			typ = f.In(i)
		} else {
			typ = f.In(fixed).Elem()
		}
		out = append(out, a.fit(typ))
	}
	return out
}

func (a operand) fit(typ reflect.Type) expr {
	if v := a.literal; v.IsValid() && typ.Kind() != reflect.Interface {
		if v.Kind() != typ.Kind() && !(v.CanInt() && reflect.Zero(typ).CanInt()) {
			return func(*run, reflect.Value) reflect.Value { panic(giveUp) }
		}
		v = v.Convert(typ)
		return func(*run, reflect.Value) reflect.Value { return v }
	}
	return func(r *run, dot reflect.Value) reflect.Value {
		v := a.expr(r, dot)
		if !v.IsValid() {
			switch typ.Kind() {
			case reflect.Interface, reflect.Pointer, reflect.Slice, reflect.Map:
				return reflect.Zero(typ)
			}
			panic(giveUp)
		}
		if t := v.Type(); t == typ || t.AssignableTo(typ) {
			return v
		}
		if v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
			if v = v.Elem(); v.IsValid() && v.Type().AssignableTo(typ) {
				return v
			}
		}
		panic(giveUp)
	}
}

// function calls a function of the set, or one of text/template's own.
func (c *compiler) function(n *parse.IdentifierNode, args []operand) expr {
	f := c.funcs[n.Ident]
	switch {
	case f != nil:
	case n.Ident == "print":
		f = fmt.Sprint
	case n.Ident == "printf":
		f = fmt.Sprintf
	default:
		f, ok := builtins[n.Ident]
		if !ok || len(args) < f.least || len(args) > f.most {
			c.decline(n, "unknown function")
			return theDot
		}
		return f.make(args)
	}
	fun := reflect.ValueOf(f)
	in, direct := fitAll(fun.Type(), args), directFunc(f)
	return func(r *run, dot reflect.Value) reflect.Value {
		base := r.prepare(in, dot)
		var out reflect.Value
		if direct != nil {
			out = direct(r, f, r.args[base:])
		} else {
			out = result(fun.Call(r.args[base:]))
		}
		r.args = r.args[:base]
		return out
	}
}

func directFunc(f any) call {
	switch f := f.(type) {
	case func(string) string:
		return func(r *run, _ any, args []reflect.Value) reflect.Value { return r.text(f(args[0].String())) }
	case func(...any) string:
		return func(r *run, _ any, args []reflect.Value) reflect.Value { return r.text(f(anys(args)...)) }
	case func(string, ...any) string:
		return func(r *run, _ any, args []reflect.Value) reflect.Value {
			return r.text(f(args[0].String(), anys(args[1:])...))
		}
	case func(string) (string, error):
		return func(r *run, _ any, args []reflect.Value) reflect.Value {
			s, err := f(args[0].String())
			check(err)
			return r.text(s)
		}
	case func(string, ...string) template.HTML:
		return func(r *run, _ any, args []reflect.Value) reflect.Value {
			rest := make([]string, len(args)-1)
			for i := range rest {
				rest[i] = args[i+1].String()
			}
			return r.html(f(args[0].String(), rest...))
		}
	case func(...any) (map[string]any, error):
		return func(_ *run, _ any, args []reflect.Value) reflect.Value {
			m, err := f(anys(args)...)
			check(err)
			return reflect.ValueOf(m)
		}
	}
	return nil
}

func check(err error) {
	if err != nil {
		panic(giveUp)
	}
}

// builtin is a function of text/template.
type builtin struct {
	least, most int // arguments
	make        func(args []operand) expr
}

const many = 1 << 10

var builtins = map[string]builtin{
	"and": {1, many, func(args []operand) expr { return firstThat(args, false) }},
	"or":  {1, many, func(args []operand) expr { return firstThat(args, true) }},
	"not": {1, 1, func(args []operand) expr {
		x := args[0].expr
		return func(r *run, dot reflect.Value) reflect.Value { return boolean(!truth(x(r, dot))) }
	}},
	"eq": {2, many, func(args []operand) expr {
		x := args[0].expr
		return func(r *run, dot reflect.Value) reflect.Value {
			v := x(r, dot)
			found := false
			for _, a := range args[1:] { // all are looked at, since an error in any of them counts
				found = equal(v, a.expr(r, dot)) || found
			}
			return boolean(found)
		}
	}},
	"ne": {2, 2, comparison(func(v, w reflect.Value) bool { return !equal(v, w) })},
	"lt": {2, 2, comparison(func(v, w reflect.Value) bool { return compare(v, w) < 0 })},
	"le": {2, 2, comparison(func(v, w reflect.Value) bool { return compare(v, w) <= 0 })},
	"gt": {2, 2, comparison(func(v, w reflect.Value) bool { return compare(v, w) > 0 })},
	"ge": {2, 2, comparison(func(v, w reflect.Value) bool { return compare(v, w) >= 0 })},
	"len": {1, 1, func(args []operand) expr {
		x := args[0].expr
		return func(r *run, dot reflect.Value) reflect.Value {
			v := indirect(x(r, dot))
			if v.Kind() == reflect.Pointer {
				panic(giveUp)
			}
			return reflect.ValueOf(v.Len())
		}
	}},
	"index": {2, 2, func(args []operand) expr {
		x, i := args[0].expr, args[1].expr
		return func(r *run, dot reflect.Value) reflect.Value { return at(x(r, dot), i(r, dot)) }
	}},
}

// firstThat is and, or.
func firstThat(args []operand, is bool) expr {
	return func(r *run, dot reflect.Value) (v reflect.Value) {
		for _, a := range args {
			if v = a.expr(r, dot); truth(v) == is {
				break
			}
		}
		return v
	}
}

func comparison(holds func(v, w reflect.Value) bool) func(args []operand) expr {
	return func(args []operand) expr {
		x, y := args[0].expr, args[1].expr
		return func(r *run, dot reflect.Value) reflect.Value { return boolean(holds(x(r, dot), y(r, dot))) }
	}
}
