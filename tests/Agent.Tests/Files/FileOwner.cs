using Mono.Unix.Native;

namespace SidecarAgent.Agent.Tests.Files;

internal static class FileOwner
{
    /// <summary>A group that this process may give to a file: any for the superuser, else one of its own.</summary>
    public static uint AnotherGroupOfOurs()
    {
        if (Syscall.geteuid() == 0)
            return 65532;
        var groups = new uint[64];
        var count = Syscall.getgroups(groups);
        return groups.Take(count).FirstOrDefault(group => group != Syscall.getegid(), Syscall.getegid());
    }

    public static uint GroupOf(string path) => Stat(path).st_gid;

    public static UnixFileMode ModeOf(string path) => (UnixFileMode)(Stat(path).st_mode & FilePermissions.ALLPERMS);

    private static Stat Stat(string path) =>
        Syscall.stat(path, out var stat) == 0 ? stat : throw new FileNotFoundException(path);
}
