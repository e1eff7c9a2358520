using System.Security.Cryptography;
using System.Text;
using SidecarAgent.Agent.Configuration;
using SidecarAgent.Agent.Reload;
using SidecarAgent.Agent.Rendering;
using SidecarAgent.Agent.Templates;
using FileOptions = SidecarAgent.Agent.Configuration.FileOptions;

namespace SidecarAgent.Agent.Sync;

/// <summary>All files that are wanted, and all secrets that they need. Made once, of the configuration.</summary>
internal sealed class FilePlan
{
    /// <summary>The proto's bound on one request.</summary>
    private const int MaxSecrets = 128;

    private FilePlan(AgentOptions options, IReadOnlyList<PlannedFile> files, IReadOnlyList<WantedSecret> secrets)
    {
        Files = files;
        Secrets = secrets;
        OnRevoke = options.OnRevoke;
        Notify = options.Notify;
        Fingerprint = FingerprintOf(options.Files);
    }

    public IReadOnlyList<PlannedFile> Files { get; }

    /// <summary>Sorted by path.</summary>
    public IReadOnlyList<WantedSecret> Secrets { get; }

    public OnRevoke OnRevoke { get; }

    /// <summary>Whom to tell when any file changes.</summary>
    public Notification? Notify { get; }

    /// <summary>Differs when the same secrets would make other files: what is on disk must then be made anew.</summary>
    public string Fingerprint { get; }

    /// <exception cref="InvalidConfigurationException">Templates that do not compile, too many secrets: all of it.</exception>
    public static FilePlan Compile(AgentOptions options)
    {
        var problems = new List<string>();
        var files = new List<PlannedFile>();
        foreach (var file in options.Files)
        {
            try
            {
                files.Add(PlannedFile.Create(file, CompileFile(file)));
            }
            catch (InvalidConfigurationException error)
            {
                problems.AddRange(error.Problems);
            }
        }

        var secrets = SecretsOf(files);
        if (secrets.Count > MaxSecrets)
            problems.Add($"the files need {secrets.Count} secrets, at most {MaxSecrets} are allowed");
        return problems.Count == 0
            ? new FilePlan(options, files, secrets)
            : throw new InvalidConfigurationException(problems);
    }

    /// <exception cref="InvalidConfigurationException">Its template does not compile.</exception>
    public static FileRenderer CompileFile(FileOptions file)
    {
        try
        {
            return FileRenderer.Compile(file);
        }
        catch (TemplateException error)
        {
            throw new InvalidConfigurationException($"template of {error.Message}");
        }
    }

    private static List<WantedSecret> SecretsOf(List<PlannedFile> files)
    {
        var shared = files.Where(file => file.Secrets.Count > 1).SelectMany(file => file.Secrets).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. files
                .SelectMany(file => file.Renderer.Secrets)
                .GroupBy(need => need.Path, StringComparer.Ordinal)
                .OrderBy(needs => needs.Key, StringComparer.Ordinal)
                .Select(needs => new WantedSecret(needs.Key, FieldsOf(needs), shared.Contains(needs.Key))),
        ];
    }

    private static List<string> FieldsOf(IEnumerable<SecretNeed> needs)
    {
        var fields = needs.Select(need => need.Field).Distinct(StringComparer.Ordinal).ToList();
        return fields.Contains(null) ? [] : [.. fields.OfType<string>().Order(StringComparer.Ordinal)];
    }

    private static string FingerprintOf(IEnumerable<FileOptions> files)
    {
        var text = new StringBuilder();
        foreach (var file in files.OrderBy(file => file.File, StringComparer.Ordinal))
        {
            foreach (var part in (string?[])
                [
                    file.File, file.Secret, file.Field, file.Format.ToString(), file.Template, file.LeftDelimiter,
                    file.RightDelimiter, file.ErrorOnMissingKey.ToString(), ((int)file.Mode).ToString(null, null),
                ])
            {
                // The length in front keeps two parts from reading as one.
                text.Append(part?.Length ?? -1).Append(':').Append(part);
            }
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
