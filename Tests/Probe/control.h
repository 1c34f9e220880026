// The commands of control.c; -1 where the command is not one of them.
int control(int argc, char **argv);
