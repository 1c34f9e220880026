// The commands of escape.c and calls.c; -1 where the command is not one of them.
int escape(int argc, char **argv);
