using System.Text;
using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;

namespace SidecarAgent.Quickstart.Demonstration;

/// <summary>
/// Looks for secret values where none may be: as they are, in Base64 and in hexadecimal. Findings name the place and
/// the value's number, never the value.
/// </summary>
internal sealed class LeakSearch
{
    private readonly byte[][][] _forms;
    private readonly List<string> _findings = [];

    /// <param name="values">Of at least 8 characters, so that they do not turn up by chance.</param>
    public LeakSearch(IEnumerable<string> values) => _forms = [.. values.Select(Forms)];

    public IReadOnlyList<string> Findings => _findings;

    /// <summary>How many places were searched.</summary>
    public int Places { get; private set; }

    public void Text(string where, string text) => Bytes(where, Encoding.UTF8.GetBytes(text));

    /// <summary>All regular files below, except in directories that may hold values.</summary>
    public void Directory(string directory, Func<string, bool> mayHoldValues)
    {
        foreach (var file in System.IO.Directory.EnumerateFiles(directory).Where(IsRegular))
            Bytes(file, ReadShared(file));
        foreach (var child in System.IO.Directory.EnumerateDirectories(directory).Where(child => !mayHoldValues(child)))
            Directory(child, mayHoldValues);
    }

    /// <summary>
    /// The environment and the command line, as far as other processes can see them: agent and broker show their environment to
    /// nobody but root.
    /// </summary>
    public void Process(string name, int id)
    {
        foreach (var part in (string[])["environ", "cmdline"])
        {
            if (Open($"/proc/{id}/{part}") is { } handle)
                Bytes($"/proc/{id}/{part} ({name})", Content(handle));
        }
    }

    private void Bytes(string where, byte[] bytes)
    {
        Places++;
        for (var number = 0; number < _forms.Length; number++)
        {
            if (_forms[number].Any(form => bytes.AsSpan().IndexOf(form) >= 0))
                _findings.Add($"{where} holds secret value {number + 1}");
        }
    }

    private static byte[][] Forms(string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        return
        [
            bytes,
            // Without the end, which depends on what follows.
            Encoding.ASCII.GetBytes(Convert.ToBase64String(bytes)[..(bytes.Length / 3 * 4)]),
            Encoding.ASCII.GetBytes(Convert.ToHexString(bytes)),
            Encoding.ASCII.GetBytes(Convert.ToHexStringLower(bytes)),
        ];
    }

    private static bool IsRegular(string path) =>
        Syscall.lstat(path, out var status) == 0 && (status.st_mode & FilePermissions.S_IFMT) == FilePermissions.S_IFREG;

    private static byte[] ReadShared(string path) =>
        Content(Open(path) ?? throw new IOException($"{path} cannot be opened: {Errno.EACCES}"));

    /// <returns>Null: we may not.</returns>
    private static SafeFileHandle? Open(string path)
    {
        // A handle of our own passes by the locks of programs that have a file open.
        var handle = new SafeFileHandle(Syscall.open(path, OpenFlags.O_RDONLY | OpenFlags.O_CLOEXEC), ownsHandle: true);
        if (!handle.IsInvalid)
            return handle;
        var error = Stdlib.GetLastError();
        handle.Dispose();
        return error == Errno.EACCES ? null : throw new IOException($"{path} cannot be opened: {error}");
    }

    private static byte[] Content(SafeFileHandle handle)
    {
        // Files of /proc have no length.
        using var stream = new FileStream(handle, FileAccess.Read);
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray();
    }
}
