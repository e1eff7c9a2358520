using System.Security.Cryptography;

namespace SidecarAgent.Ctl.Development;

/// <summary>A private key in a file of mode 0600 (PKCS#8, PEM).</summary>
internal static class PrivateKeyFile
{
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Puts <paramref name="fresh"/> there on first use; afterwards loads into it what is there.</summary>
    /// <exception cref="CommandFailedException">The file is no such key, or others may read it.</exception>
    public static void LoadOrCreate(string path, AsymmetricAlgorithm fresh)
    {
        if (!File.Exists(path) && AtomicFile.TryCreate(path, fresh.ExportPkcs8PrivateKeyPem() + "\n", AtomicFile.Private))
            return;

        if ((File.GetUnixFileMode(path) & Others) != 0)
        {
            throw CommandFailedException.Failed(
                $"others may read the private key {path}: chmod 600 it, or delete it to have a new one made");
        }

        try
        {
            fresh.ImportFromPem(File.ReadAllText(path));
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            throw CommandFailedException.Failed(
                $"{path} does not hold the private key that is expected; delete it to have a new one made", e);
        }
    }
}
