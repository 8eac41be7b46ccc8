package browser

import (
	"encoding/json"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/tracing"
)

// Task is one piece of work that held the page: no hand moved anything meanwhile.
type Task struct {
	Clock     time.Duration // by the clock, what others took of the machine included
	Processor time.Duration // of the processor alone
}

// traced is an event of a trace, in the form that Chromium has for all tools.
type traced struct {
	Name, Ph  string
	Pid, Tid  int
	Dur, Tdur float64 // microseconds
	Args      struct{ Name string }
}

// Tasks lists the tasks of the page's main thread while f runs. Not for two tabs of a browser at once.
func (tab *Tab) Tasks(f func()) []Task {
	tab.t.Helper()
	tab.mu.Lock()
	tab.trace, tab.traceEnds = nil, make(chan struct{})
	ends := tab.traceEnds
	tab.mu.Unlock()
	call(tab, tracing.Start, tracing.StartParams{
		TransferMode: "ReportEvents", TraceConfig: &tracing.TraceConfig{IncludedCategories: []string{"toplevel", "devtools.timeline"}},
	})
	f()
	call(tab, tracing.End, cdp.Empty{})
	select {
	case <-ends:
	case <-time.After(actionTimeout):
		tab.t.Fatal("browser: the trace never ends")
	}
	tab.mu.Lock()
	defer tab.mu.Unlock()
	var events []traced
	for _, raw := range tab.trace {
		var e traced
		if json.Unmarshal(raw, &e) == nil {
			events = append(events, e)
		}
	}
	type thread struct{ pid, tid int }
	main := map[thread]bool{}
	for _, e := range events {
		if e.Ph == "M" && e.Name == "thread_name" && e.Args.Name == "CrRendererMain" {
			main[thread{e.Pid, e.Tid}] = true
		}
	}
	var out []Task
	for _, e := range events {
		if e.Ph == "X" && (e.Name == "RunTask" || e.Name == "ThreadControllerImpl::RunTask") && main[thread{e.Pid, e.Tid}] {
			out = append(out, Task{time.Duration(e.Dur * 1000), time.Duration(e.Tdur * 1000)})
		}
	}
	return out
}
