// Starts a command over and over, each time with one call of it made to fail or one signal at a given call; -1 where the
// command line asks for something else.
int faults(int argc, char **argv);
// What a program can tell of the box that it is in, a line each; -1 likewise.
int fingerprint(int argc, char **argv);
// Kills a command at a random moment of its beginning; -1 likewise.
int kills(int argc, char **argv);
// faults for any executable: every system call, by ptrace(2).
int inject(int argc, char **argv);

#include <stdint.h>
#include <sys/types.h>

// A run to its end: what it said, how it ended, what it left.
struct outcome {
  int status;       // exit status, or 128 and the signal
  int hung;         // it was still there at the limit
  int left;         // processes that outlived it by more than a second
  char files[512];  // names that were not there before, cut
  char *said[2];    // standard output and error
  size_t length[2];
};

// What runs of both kinds share: pipes, waiting, looking for what is left.
struct running {
  pid_t pid;
  int pipes[2];
  long deadline;
};
long now_ms(void);
// The names below each of the directories, of a list that ends with NULL.
void remember_names(char **directories);
pid_t start(struct running *running, char **command, long limit_ms, int is_traced);
// Reads what has come, for at most so many milliseconds.
void hear(struct running *running, struct outcome *outcome, int wait_ms);
// After its end: what is left below it and in the directories; then nothing is.
void finish_run(struct running *running, struct outcome *outcome, char **directories);
// What SNUG_SWEEP names is asked to look at its instances, and then what is left is looked at again: 1 where it was
// asked, as something was left.
int sweep(struct outcome *outcome, char **directories);
void print_outcome(const char *label, struct outcome *outcome);
