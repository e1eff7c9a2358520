using System.Security.Cryptography;

namespace SidecarAgent.Broker.Crypto;

/// <summary>The file that holds a KEK: exactly 32 random bytes, readable by its owner only.</summary>
internal static class KeyFile
{
    public const int Size = 32;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Creates a fresh key. It is on disk, whole, when this returns.</summary>
    /// <exception cref="IOException">Something of that name exists, or it cannot be written.</exception>
    public static void Create(string path)
    {
        using var key = new SecretBytes(Size);
        RandomNumberGenerator.Fill(key.Span);
        Write(path, key.Span);
    }

    /// <summary>Writes a key to a new file. It is on disk, whole, when this returns.</summary>
    /// <exception cref="IOException">Something of that name exists, or it cannot be written.</exception>
    public static void Write(string path, ReadOnlySpan<byte> key)
    {
        using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            BufferSize = 0,
            UnixCreateMode = OwnerOnly,
        });
        file.Write(key);
        file.Flush(flushToDisk: true);
        DirectoryFlush.Flush(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <returns>The key; the caller disposes it.</returns>
    /// <exception cref="CannotStartException">The file is missing, can be read by others, or is no key.</exception>
    public static SecretBytes Read(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            return Read(file, path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CannotStartException(
                $"The key file {path} does not exist. Make one with: sidecar-broker init-key {path}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CannotStartException($"The key file {path} cannot be read: {e.Message}", e);
        }
    }

    private static SecretBytes Read(FileStream file, string path)
    {
        // The mode of what was opened, not of what the name points to a moment later. A group may read it, because a
        // mounted Kubernetes secret is given to the container's group (fsGroup); everybody else may not.
        var mode = File.GetUnixFileMode(file.SafeFileHandle);
        const UnixFileMode forbidden =
            UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute | UnixFileMode.GroupWrite;
        if ((mode & forbidden) != 0)
        {
            throw new CannotStartException(
                $"The key file {path} can be used by others (mode {Octal(mode)}). Set it right with: chmod 600 {path}");
        }

        if (file.Length != Size)
        {
            throw new CannotStartException(
                $"The key file {path} has {file.Length} bytes; a key has exactly {Size}. "
                + "Restore it from its backup, or, for a new broker, make one with: sidecar-broker init-key FILE");
        }

        var key = new SecretBytes(Size);
        file.ReadExactly(key.Span);
        return key;
    }

    private static string Octal(UnixFileMode mode) => Convert.ToString((int)mode, 8).PadLeft(4, '0');
}
