using SidecarAgent.Agent.Files;
using static SidecarAgent.Agent.Tests.Files.TemporaryMount;

namespace SidecarAgent.Agent.Tests.Files;

public sealed class RoomTests
{
    [Fact]
    public void Every_file_fills_whole_blocks()
    {
        ProjectedFile[] files = [File("a", ""), File("b", "x"), File("tls/c", new string('x', 4096)), File("tls/d", new string('x', 4097))];

        // Entries: four files, the manifest, two directories, links for a, b and tls, and the next link.
        Assert.Equal(new Room(Bytes: 4096 * (0 + 1 + 1 + 2 + 1), Entries: 4 + 1 + 2 + 4), Room.For(files, manifestLength: 10, blockSize: 4096));
    }

    [Theory]
    [InlineData(10, 10, true)]
    [InlineData(9, 10, false)]
    [InlineData(10, 9, false)]
    public void Both_bytes_and_entries_must_fit(long bytes, long entries, bool fits) =>
        Assert.Equal(fits, new Room(10, 10).FitsInto(new Room(bytes, entries)));
}
