using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace SidecarAgent.Yaml;

/// <summary>
/// A configuration file that is read strictly: every key must be known, every value of its kind. Reading goes on after
/// a problem, so that one run reports all of them; <see cref="ThrowIfInvalid"/> ends it.
/// </summary>
public sealed class YamlFile
{
    private const int MaxCharacters = 1024 * 1024;

    private readonly List<YamlProblem> _problems = [];

    private YamlFile(string name) => Name = name;

    /// <summary>How problems call the file.</summary>
    public string Name { get; }

    /// <summary>The mapping at the top.</summary>
    public YamlMap Root { get; private set; } = null!;

    /// <param name="text">One YAML document of at most 1 MiB, a mapping at its top, without aliases.</param>
    /// <param name="name">How problems call the file.</param>
    /// <exception cref="InvalidYamlException">The text is not YAML, or not one mapping.</exception>
    public static YamlFile Parse(string text, string name)
    {
        var file = new YamlFile(name);
        file.Root = new YamlMap(file, file.ParseRoot(text), "the file");
        return file;
    }

    /// <summary>Notes a problem that a reader found in a value. <paramref name="node"/> says where.</summary>
    public void Report(YamlNode node, string message) =>
        _problems.Add(new YamlProblem(Name, node.Start.Line, node.Start.Column, message));

    /// <summary>Call after everything was read. What two readers found wrong with one value is said once.</summary>
    /// <exception cref="InvalidYamlException">Anything was wrong; also keys that nobody asked for.</exception>
    public void ThrowIfInvalid()
    {
        Root.ReportUnknownKeys();
        if (_problems.Count > 0)
            throw new InvalidYamlException([.. _problems.Distinct().OrderBy(p => p.Line).ThenBy(p => p.Column)]);
    }

    private YamlMappingNode ParseRoot(string text)
    {
        if (text.Length > MaxCharacters)
            throw Invalid(1, 1, $"the file has {text.Length} characters; at most {MaxCharacters} are allowed");

        var stream = new YamlStream();
        var parser = new StrictParser(new StringReader(text));
        try
        {
            stream.Load(parser);
        }
        catch (YamlException e)
        {
            throw Invalid(e.Start.Line, e.Start.Column, $"not valid YAML: {e.Message}");
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // YamlDotNet's answer to some malformed input.
            var at = parser.Current?.Start ?? Mark.Empty;
            throw Invalid(at.Line, at.Column, "not valid YAML: malformed after this");
        }

        if (stream.Documents.Count != 1)
            throw Invalid(1, 1, $"expected one YAML document, got {stream.Documents.Count}");
        return stream.Documents[0].RootNode is YamlMappingNode mapping
            ? mapping
            : throw Invalid(1, 1, "expected a mapping (key: value) at the top of the file");
    }

    private InvalidYamlException Invalid(long line, long column, string message) =>
        new([new YamlProblem(Name, line, column, message)]);
}
