using SidecarAgent.Agent.Files;
using static SidecarAgent.Agent.Tests.Files.TemporaryMount;

namespace SidecarAgent.Agent.Tests.Files;

public sealed class FileConflictsTests
{
    [Fact]
    public void Files_beside_each_other_are_fine() =>
        Assert.Empty(FileConflicts.Find([At("a"), At("a.b"), At("tls/a"), At("tls/b"), At("tl")]));

    [Fact]
    public void All_problems_come_at_once_and_each_comes_once()
    {
        var problems = FileConflicts.Find([At("a"), At("a"), At("a"), At("a/b"), At("x/y/z"), At("x"), At("x/y")]);

        Assert.Equal(
            [
                "file 'a' is there more than once",
                "'a' is a file, and 'a/b' needs it to be a directory",
                "'x' is a file, and 'x/y/z' needs it to be a directory",
                "'x/y' is a file, and 'x/y/z' needs it to be a directory",
                "'x' is a file, and 'x/y' needs it to be a directory",
            ],
            problems);
    }
}
