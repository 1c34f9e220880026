// The commands of random.c; -1 where the command is not one of them.
int random_calls(int argc, char **argv);
