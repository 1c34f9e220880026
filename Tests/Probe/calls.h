// The commands of calls.c; -1 where the command is not one of them.
int calls(int argc, char **argv);
