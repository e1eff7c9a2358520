namespace SidecarAgent.Testing;

/// <summary>A directory of one test's own, mode 0700, removed with everything in it at the end.</summary>
public sealed class TempDirectory : IDisposable
{
    private TempDirectory(string parent)
    {
        FullName = Path.Combine(parent, $"sidecar-agent-test-{Guid.NewGuid():N}");
        Directory.CreateDirectory(
            FullName, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>The directory's absolute path.</summary>
    public string FullName { get; }

    /// <summary>On the disk that temporary files go to.</summary>
    public static TempDirectory Create() => new(Path.GetTempPath());

    /// <summary>On a tmpfs.</summary>
    public static TempDirectory CreateInMemory() => new("/dev/shm");

    /// <summary>The path of something in the directory; whether it exists is not looked at.</summary>
    public string File(string name) => Path.Combine(FullName, name);

    /// <summary>Writes a file, and the directories it needs, and returns its path.</summary>
    public string Write(string name, string text)
    {
        var file = File(name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        System.IO.File.WriteAllText(file, text);
        return file;
    }

    public void Dispose()
    {
        // Directory.Delete needs write permission on what it empties; a test may have taken it away.
        foreach (var directory in Directory.EnumerateDirectories(FullName, "*", Everything))
            System.IO.File.SetUnixFileMode(
                directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.Delete(FullName, recursive: true);
    }

    private static readonly EnumerationOptions Everything = new()
    {
        RecurseSubdirectories = true,
        AttributesToSkip = FileAttributes.ReparsePoint,
        IgnoreInaccessible = false,
    };
}
