// Ctrl-C asks a run to stop and to say what it has found so far; a second one
// ends the program at once.

#ifndef TOCSIN_SRC_CLI_INTERRUPT_H_
#define TOCSIN_SRC_CLI_INTERRUPT_H_

namespace tocsin::cli {

// Also makes writing to a closed pipe an error instead of the program's end.
void CatchSignals();

bool Interrupted();

}  // namespace tocsin::cli

#endif  // TOCSIN_SRC_CLI_INTERRUPT_H_
