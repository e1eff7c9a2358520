using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace SidecarAgent.Broker.Crypto;

/// <summary>
/// KEKs in files: the configured file holds the one that wraps; beside it, named after their ids, lie those that it
/// has taken the place of (<c>kek.0123456789abcdef</c>), which still unwrap.
/// </summary>
internal sealed partial class FileKeys : IKeyWrapper
{
    private const string Scheme = "file:";

    private readonly Lock _lock = new();
    private readonly string _path;
    private volatile FileKeyWrapper _current;
    private volatile Dictionary<string, FileKeyWrapper> _byId;

    private FileKeys(string path, FileKeyWrapper current, Dictionary<string, FileKeyWrapper> byId)
    {
        _path = path;
        _current = current;
        _byId = byId;
    }

    public string KeyId => _current.KeyId;

    /// <exception cref="CannotStartException">A key file is missing, can be read by others, or is no key.</exception>
    public static FileKeys Load(string path)
    {
        var current = FileKeyWrapper.Load(path);
        var byId = new Dictionary<string, FileKeyWrapper>(StringComparer.Ordinal) { [current.KeyId] = current };
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(path)!, $"{Path.GetFileName(path)}.*"))
        {
            // The pattern also finds the name without a dot.
            var suffix = file.Length > path.Length ? file[(path.Length + 1)..] : "";
            if (!IdOfRetired().IsMatch(suffix))
                continue;
            var retired = FileKeyWrapper.Load(file);
            if (retired.KeyId != Scheme + suffix)
            {
                throw new CannotStartException(
                    $"The key file {file} holds the key {retired.KeyId}, not the one that it is named after. "
                    + "Restore it from its backup.");
            }

            byId.TryAdd(retired.KeyId, retired);
        }

        return new FileKeys(path, current, byId);
    }

    public bool Knows(string keyId) => _byId.ContainsKey(keyId);

    public bool TryUnwrap(WrappedKey wrapped, Span<byte> key) =>
        _byId.TryGetValue(wrapped.KeyId, out var file)
            ? file.TryUnwrap(wrapped, key)
            : throw new CryptographicException($"The data key is wrapped by {wrapped.KeyId}, which is in no key file.");

    public ValueTask<WrappedKey> WrapAsync(ReadOnlyMemory<byte> key, CancellationToken cancellationToken) =>
        _current.WrapAsync(key, cancellationToken);

    public ValueTask UnwrapAsync(WrappedKey wrapped, Memory<byte> key, CancellationToken cancellationToken)
    {
        TryUnwrap(wrapped, key.Span);
        return ValueTask.CompletedTask;
    }

    public ValueTask CheckAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>
    /// Makes a new key, and puts it in the place of the current one. A crash between any two steps leaves a current key
    /// that is whole, and every key that has ever wrapped anything:
    /// 1. a copy of the current key, under its own name; 2. the new key, under a name that nobody reads; 3. the rename.
    /// Each is on disk before the next begins.
    /// </summary>
    /// <returns>The id of the key that was current, and the file where it is now.</returns>
    /// <exception cref="KeyNotRotatedException">The files are not the broker's to change.</exception>
    public (string Previous, string File) Rotate()
    {
        lock (_lock)
        {
            try
            {
                return Rotate_NeedsLock();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or CannotStartException)
            {
                throw new KeyNotRotatedException(
                    $"a new key file cannot be put in the place of {_path} ({e.Message}); "
                    + $"{ByHand}", e);
            }
        }
    }

    public void Dispose()
    {
        foreach (var key in _byId.Values)
            key.Dispose();
    }

    private const string ByHand =
        "make one with 'sidecar-broker init-key', configure it as key.file and the present one under key.previous, "
        + "and start the broker again";

    private (string Previous, string File) Rotate_NeedsLock()
    {
        if (new FileInfo(_path).LinkTarget is not null)
            throw new KeyNotRotatedException($"{_path} is a link, so something else manages the key; {ByHand}");
        var previous = _current;
        using var old = KeyFile.Read(_path);
        using (var onDisk = new FileKeyWrapper(old.Span))
        {
            if (onDisk.KeyId != previous.KeyId)
                throw new KeyNotRotatedException($"{_path} holds another key than the broker started with; {ByHand}");
        }

        var retired = $"{_path}.{previous.KeyId[Scheme.Length..]}";
        if (!File.Exists(retired))
        {
            var copy = $"{retired}.new";
            File.Delete(copy);
            KeyFile.Write(copy, old.Span);
            File.Move(copy, retired);
        }

        var fresh = $"{_path}.new";
        File.Delete(fresh);
        KeyFile.Create(fresh);
        DirectoryFlush.Flush(Path.GetDirectoryName(_path)!);
        var current = FileKeyWrapper.Load(fresh);
        File.Move(fresh, _path, overwrite: true);
        DirectoryFlush.Flush(Path.GetDirectoryName(_path)!);

        _byId = new Dictionary<string, FileKeyWrapper>(_byId, StringComparer.Ordinal) { [current.KeyId] = current };
        _current = current;
        return (previous.KeyId, retired);
    }

    [GeneratedRegex("^[0-9a-f]{16}$")]
    private static partial Regex IdOfRetired();
}
