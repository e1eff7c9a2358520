using SidecarAgent.Yaml;

namespace SidecarAgent.Broker.Configuration;

/// <summary>
/// Reads options that name files, makes them absolute, and looks whether the broker will be able to use them, so that
/// <c>check</c> finds at once what <c>run</c> would stumble over later.
/// </summary>
/// <param name="directory">What relative paths are relative to.</param>
internal sealed class ConfiguredFiles(string directory)
{
    /// <summary>A required file that must be readable.</summary>
    /// <param name="map">Where the option stands.</param>
    /// <param name="key">Its name.</param>
    /// <param name="advice">What to do if it is not there.</param>
    public string Readable(YamlMap map, string key, string advice) => Readable(map, key, map.Text(key), advice);

    /// <summary>A file that must be readable, if the option is there.</summary>
    public string? OptionalReadable(YamlMap map, string key, string advice) =>
        map.Has(key) ? Readable(map, key, advice) : null;

    /// <summary>A readable file whose path the caller found in the option's value.</summary>
    public string Readable(YamlMap map, string key, string value, string advice)
    {
        var path = Resolve(value);
        ReportUnreadable(map, key, path, advice);
        return path;
    }

    /// <summary>A required file that the broker makes itself, in a directory that must be there.</summary>
    public string Written(YamlMap map, string key)
    {
        var path = Resolve(map.Text(key));
        if (path.Length == 0)
            return path;
        if (Directory.Exists(path))
            map.Report(key, $"'{key}' names a directory, {path}; expected a file in it");
        else if (!Directory.Exists(Path.GetDirectoryName(path)))
            map.Report(key, $"the directory of '{key}', {Path.GetDirectoryName(path)}, does not exist; make it first");
        return path;
    }

    /// <summary>A directory that the broker makes itself, in one that must be there.</summary>
    /// <param name="map">Where the option stands.</param>
    /// <param name="key">Its name.</param>
    /// <param name="fallback">The directory if the option is not there.</param>
    public string WrittenDirectory(YamlMap map, string key, string fallback)
    {
        var path = Resolve(map.OptionalText(key) ?? fallback);
        if (File.Exists(path))
            map.Report(key, $"'{key}' names a file, {path}; expected a directory");
        else if (!Directory.Exists(Path.GetDirectoryName(path)))
            map.Report(key, $"the directory around '{key}', {Path.GetDirectoryName(path)}, does not exist; make it first");
        return path;
    }

    /// <summary>A required directory that must be there.</summary>
    public string ExistingDirectory(YamlMap map, string key)
    {
        var path = Resolve(map.Text(key));
        if (path.Length > 0 && !Directory.Exists(path))
            map.Report(key, $"the directory {path} does not exist; make it, or correct '{key}'");
        return path;
    }

    private string Resolve(string value) => value.Length == 0 ? value : Path.GetFullPath(value, directory);

    private static void ReportUnreadable(YamlMap map, string key, string path, string advice)
    {
        if (path.Length == 0)
            return;
        try
        {
            using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            map.Report(key, $"the file {path} does not exist; {advice}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            map.Report(key, Directory.Exists(path)
                ? $"'{key}' names a directory, {path}; expected a file"
                : $"the file {path} cannot be read ({e.Message}); give the broker's user permission to read it");
        }
    }
}
