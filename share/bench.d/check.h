/* Says on standard output what this process can see of its sandbox, one fact a line; 0, or 1 where it cannot tell. */
int check(void);
