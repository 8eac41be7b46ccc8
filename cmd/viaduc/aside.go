package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// aside is a file that is written beside its place and put there when it is whole, so that nobody ever reads half of it
// and a failure leaves what was there. Every file that a command writes goes through it:
//
//	out, err := createAside(name)
//	...
//	defer out.drop()
//	... write to out ...
//	return out.keep()
type aside struct {
	*os.File
	name   string // where it goes; "" when it is there already
	mode   fs.FileMode
	direct bool // what name names is no regular file: a terminal, a pipe, /dev/null
}

// writeFile writes a file that is made whole in memory: all of it, or the one that was there stays.
func writeFile(name string, body []byte) error {
	out, err := createAside(name)
	if err != nil {
		return err
	}
	defer out.drop()
	if _, err := out.Write(body); err != nil {
		return err
	}
	return out.keep()
}

// createAside begins a file. What is no regular file is written to as it is: renaming would replace it. A link is
// followed. It reports a folder that is not there in a sentence for people.
func createAside(name string) (*aside, error) {
	mode := fs.FileMode(0o644)
	switch info, err := os.Stat(name); {
	case err == nil && !info.Mode().IsRegular():
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		return &aside{File: f, direct: true}, err
	case err == nil:
		mode = info.Mode().Perm()
		if real, err := filepath.EvalSymlinks(name); err == nil {
			name = real
		}
	}
	dir := filepath.Dir(name)
	f, err := os.CreateTemp(dir, "."+filepath.Base(name)+"-*")
	switch path := (*fs.PathError)(nil); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, failf("le dossier %s n'existe pas. Créez-le, ou donnez un autre nom de fichier.", dir)
	case errors.As(err, &path):
		return nil, &fs.PathError{Op: path.Op, Path: name, Err: path.Err} // the name that people gave, not the one aside
	case err != nil:
		return nil, err
	}
	return &aside{File: f, name: name, mode: mode}, nil
}

// keep puts the whole file in its place.
func (a *aside) keep() error {
	if a.direct {
		return a.Close()
	}
	if err := errors.Join(a.Chmod(a.mode), a.Close()); err != nil {
		return err
	}
	if err := os.Rename(a.File.Name(), a.name); err != nil {
		return err
	}
	a.name = ""
	return nil
}

// drop forgets a file that did not come to its end; after keep it does nothing.
func (a *aside) drop() {
	_ = a.Close() // closed already, or of no interest any more
	if a.name != "" {
		os.Remove(a.File.Name())
	}
}
