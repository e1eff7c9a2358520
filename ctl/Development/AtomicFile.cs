using System.Text;

namespace SidecarAgent.Ctl.Development;

/// <summary>
/// Writes whole files: a reader sees the old text or the new one, a private file is never readable by others for a
/// moment, and a crash leaves nothing half-written under the file's name.
/// </summary>
internal static class AtomicFile
{
    public const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    public const UnixFileMode Public = Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    public static void Replace(string path, string text, UnixFileMode mode) =>
        File.Move(WriteBeside(path, text, mode), path, overwrite: true);

    /// <summary>Leaves a file that is there as it is.</summary>
    /// <returns>Whether the file is the new one.</returns>
    public static bool TryCreate(string path, string text, UnixFileMode mode)
    {
        var temporary = WriteBeside(path, text, mode);
        try
        {
            File.Move(temporary, path, overwrite: false);
            return true;
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(temporary);
            return false;
        }
    }

    private static string WriteBeside(string path, string text, UnixFileMode mode)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}";
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = mode,
        };
        using var file = new FileStream(temporary, options);
        file.Write(Encoding.UTF8.GetBytes(text));
        file.Flush(flushToDisk: true);
        return temporary;
    }
}
