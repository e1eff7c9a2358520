// A process that a test starts holds copies of all open files, for the moment between fork and exec; among them the lock
// of a mount that another test has just let go of. So tests that start processes and tests that claim mounts take turns.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
