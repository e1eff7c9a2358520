using System.Buffers;
using SidecarAgent.Agent.Rendering;
using SidecarAgent.Agent.Templates.Execution;
using SidecarAgent.Agent.Templates.Nodes;
using SidecarAgent.Agent.Templates.Parsing;
using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates;

/// <summary>
/// A text in Go's text/template language, compiled. Holds nothing of a rendering, so one template may be rendered by
/// several threads at a time.
/// </summary>
internal sealed class Template
{
    private readonly Source _source;
    private readonly IReadOnlyDictionary<string, ListNode> _templates;
    private readonly MissingKey _missingKey;
    private readonly TimeProvider _time;
    private readonly RegexCache _regexes = new();

    private Template(
        Source source,
        IReadOnlyDictionary<string, ListNode> templates,
        IReadOnlyList<SecretNeed> secrets,
        MissingKey missingKey,
        TimeProvider time)
    {
        (_source, _templates, _missingKey, _time) = (source, templates, missingKey, time);
        Secrets = secrets;
    }

    /// <summary>The secrets that it names anywhere, also in branches that may never run.</summary>
    public IReadOnlyList<SecretNeed> Secrets { get; }

    /// <param name="name">How errors call it.</param>
    /// <param name="text">At most 256 Ki characters.</param>
    /// <param name="options">Delimiters and what a missing key gives.</param>
    /// <param name="time">What the function timestamp shows, and what bounds a rendering.</param>
    /// <exception cref="TemplateException">The text is no template.</exception>
    public static Template Compile(string name, string text, TemplateOptions options, TimeProvider time)
    {
        var source = new Source(name, text);
        var templates = Parser.Parse(source, options);
        return new Template(source, templates, SecretCalls.Find(source, templates.Values), options.MissingKey, time);
    }

    /// <summary>Appends to <paramref name="output"/>; after an exception what it holds is of no use.</summary>
    /// <param name="dot">The cursor's first value, and $.</param>
    /// <param name="secrets">What the function secret finds.</param>
    /// <param name="output">Gets at most 1 MiB.</param>
    /// <exception cref="RenderException">The template cannot be rendered with these values.</exception>
    public void Render(Value dot, SecretSet secrets, IBufferWriter<byte> output) =>
        Evaluator.Run(_source, _templates, _missingKey, new RenderContext(secrets, _time, _regexes), dot, output);
}
