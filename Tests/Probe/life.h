// The commands of life.c; -1 where the command is not one of them.
int life(int argc, char **argv);
