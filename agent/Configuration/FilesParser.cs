using System.Buffers;
using SidecarAgent.Agent.Files;

namespace SidecarAgent.Agent.Configuration;

/// <summary>The list of files of the configuration.</summary>
internal static class FilesParser
{
    public const int MaxFiles = 256;

    private static readonly Dictionary<string, FileFormat> Formats = new(StringComparer.Ordinal)
    {
        ["json"] = FileFormat.Json,
        ["raw"] = FileFormat.Raw,
        ["env"] = FileFormat.Env,
        ["yaml"] = FileFormat.Yaml,
        ["properties"] = FileFormat.Properties,
    };

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    public static List<FileOptions> Parse(List<FileJson> files, List<string> problems)
    {
        if (files.Count == 0)
            problems.Add("files: name at least one file");
        if (files.Count > MaxFiles)
            problems.Add($"files: {files.Count} files, at most {MaxFiles} are allowed");
        var options = files.Select((file, index) => Parse(file, $"files[{index}]", problems)).ToList();
        problems.AddRange(FileConflicts.Find(Paths(options)).Select(problem => $"files: {problem}"));
        return options;
    }

    private static IEnumerable<FilePath> Paths(IEnumerable<FileOptions> files)
    {
        foreach (var file in files)
        {
            if (FilePath.TryParse(file.File, out var path, out _))
                yield return path;
        }
    }

    private static FileOptions Parse(FileJson json, string key, List<string> problems)
    {
        if (json.File is null)
            problems.Add($"{key}.file is missing: give the file's name below the mount");
        else if (!FilePath.TryParse(json.File, out _, out var problem))
            problems.Add($"{key}.file: '{json.File}' {problem}");
        CheckSource(json, key, problems);
        return new FileOptions
        {
            File = json.File ?? "",
            Secret = json.Secret,
            Field = json.Field,
            Format = Format(json, key, problems),
            Template = json.Template,
            LeftDelimiter = json.LeftDelimiter ?? "{{",
            RightDelimiter = json.RightDelimiter ?? "}}",
            ErrorOnMissingKey = MissingKey(json, key, problems),
            Mode = Mode(json.Mode ?? "0440", key, problems),
            Notify = ConfigurationParser.NotificationOf($"{key}.notify", json.Notify, problems),
        };
    }

    private static void CheckSource(FileJson json, string key, List<string> problems)
    {
        if (json.Secret is null && json.Template is null)
            problems.Add($"{key}: give a secret, or a template that names its secrets");
        if (json.Secret is { } secret && !IsSecretPath(secret))
            problems.Add($"{key}.secret: '{secret}' must be a path such as kv/shop/orders, of letters, digits, '.', '_' and '-'");
        if (json.Field is { } field && !(field.Length is > 0 and <= 64 && IsName(field)))
            problems.Add($"{key}.field: '{field}' must be 1 to 64 letters, digits, '.', '_' or '-'");
        if (json.Template is null && (json.LeftDelimiter ?? json.RightDelimiter ?? json.MissingKey) is not null)
            problems.Add($"{key}: leftDelimiter, rightDelimiter and missingKey need a template");
        if (json.LeftDelimiter is "" || json.RightDelimiter is "")
            problems.Add($"{key}: a delimiter must not be empty");
    }

    private static FileFormat Format(FileJson json, string key, List<string> problems)
    {
        var format = FileFormat.Json;
        if (json.Format is not null && !Formats.TryGetValue(json.Format, out format))
            problems.Add($"{key}.format: '{json.Format}' must be one of {string.Join(", ", Formats.Keys)}");
        if (format is FileFormat.Raw && json.Field is null && json.Template is null)
            problems.Add($"{key}: the format raw needs a field");
        return json.Format is null && json.Field is not null ? FileFormat.Raw : format;
    }

    private static bool MissingKey(FileJson json, string key, List<string> problems)
    {
        if (json.MissingKey is not (null or "default" or "error"))
            problems.Add($"{key}.missingKey: '{json.MissingKey}' must be one of default, error");
        return json.MissingKey is "error";
    }

    private static UnixFileMode Mode(string text, string key, List<string> problems)
    {
        if (text.Length is < 3 or > 4 || text.AsSpan().ContainsAnyExceptInRange('0', '7'))
        {
            problems.Add($"{key}.mode: '{text}' must be octal, such as 0440");
            return default;
        }

        var mode = (UnixFileMode)Convert.ToInt32(text, 8);
        if (ProjectedFile.ModeProblem(mode) is { } problem)
            problems.Add($"{key}.mode: '{text}': {problem}");
        return mode;
    }

    private static bool IsSecretPath(string text) =>
        text.Length is > 0 and <= 256 && text.Split('/').All(segment => segment.Length > 0 && IsName(segment));

    private static bool IsName(string text) => !text.AsSpan().ContainsAnyExcept(NameCharacters);
}
