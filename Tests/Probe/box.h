// The commands of box.c; -1 where the command is not one of them.
int box(int argc, char **argv);
// Facts that /proc does not have.
int show_process(const char *name);
