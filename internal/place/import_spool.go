package place

import (
	"bufio"
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
)

// spoolMemory is how much a spool keeps in memory before it goes to a file: a département fits, a country does not.
const spoolMemory = 4 << 20

// spool keeps a long series of T aside, in memory and then in a temporary file without a name, to be read again any
// number of times. It lets an import read a file once, whatever it is read from, and hold none of it.
type spool[T any] struct {
	mem  bytes.Buffer
	file *os.File
	out  *bufio.Writer
	enc  *gob.Encoder
}

// add appends v. Nothing may be added once the spool has been read, unless reset comes first.
func (s *spool[T]) add(v *T) error {
	if s.enc == nil {
		s.out = bufio.NewWriterSize(spoolWriter[T]{s}, 64<<10)
		s.enc = gob.NewEncoder(s.out)
	}
	return s.enc.Encode(v)
}

// reset empties the spool.
func (s *spool[T]) reset() error {
	s.mem.Reset()
	s.enc = nil
	if s.file == nil {
		return nil
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return s.file.Truncate(0)
}

// each calls fn for every value in order.
func (s *spool[T]) each(fn func(*T) error) error {
	next, err := s.reader()
	if err != nil {
		return err
	}
	for {
		v, err := next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := fn(v); err != nil {
			return err
		}
	}
}

// reader starts again from the first value; the function it returns ends with io.EOF.
func (s *spool[T]) reader() (func() (*T, error), error) {
	if s.enc == nil {
		return func() (*T, error) { return nil, io.EOF }, nil
	}
	if err := s.out.Flush(); err != nil {
		return nil, err
	}
	var src io.Reader = bytes.NewReader(s.mem.Bytes())
	if s.file != nil {
		src = bufio.NewReaderSize(io.MultiReader(src, io.NewSectionReader(s.file, 0, 1<<62)), 64<<10)
	}
	dec := gob.NewDecoder(src)
	return func() (*T, error) {
		v := new(T) // a fresh one: gob leaves alone what a value does not say
		if err := dec.Decode(v); err != nil {
			return nil, err
		}
		return v, nil
	}, nil
}

// close gives the file back to the system.
func (s *spool[T]) close() {
	if s.file != nil {
		s.file.Close()
		os.Remove(s.file.Name()) // already gone where a file that is open can lose its name
	}
}

type spoolWriter[T any] struct{ s *spool[T] }

func (w spoolWriter[T]) Write(p []byte) (int, error) {
	s := w.s
	if s.file == nil && s.mem.Len()+len(p) <= spoolMemory {
		return s.mem.Write(p)
	}
	if s.file == nil {
		f, err := os.CreateTemp("", "viaduc-import-*")
		if err != nil {
			return 0, fmt.Errorf("keep the rows aside: %w", err)
		}
		os.Remove(f.Name()) // so that even a killed import leaves nothing behind
		s.file = f
	}
	return s.file.Write(p)
}
