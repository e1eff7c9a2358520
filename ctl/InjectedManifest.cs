using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using SidecarAgent.Webhook.Injection;
using SidecarAgent.Webhook.Patch;
using SidecarAgent.Yaml;

namespace SidecarAgent.Ctl;

/// <summary>What becomes of a YAML file with any number of documents. Documents without a pod to inject stay as they are written.</summary>
internal sealed class InjectedManifest
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly StringBuilder _yaml = new();
    private readonly List<string> _explanations = [];
    private readonly List<string> _patches = [];
    private readonly List<string> _warnings = [];
    private readonly List<string> _rejections = [];

    private InjectedManifest()
    {
    }

    public string Yaml => _yaml.ToString();

    /// <summary>For each injected pod its name and, indented, what was added.</summary>
    public IReadOnlyList<string> Explanations => _explanations;

    /// <summary>For each changed document a JSON patch.</summary>
    public IReadOnlyList<string> Patches => _patches;

    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>For each pod that the webhook would refuse, why.</summary>
    public IReadOnlyList<string> Rejections => _rejections;

    /// <exception cref="InvalidYamlException">A document is not YAML.</exception>
    public static InjectedManifest Make(string text, string name, string @namespace, InjectionSettings settings)
    {
        var manifest = new InjectedManifest();
        foreach (var (document, firstLine) in Documents(text))
            manifest.Add(document, YamlJson.Parse(document, name, firstLine), @namespace, settings);
        return manifest;
    }

    private void Add(string document, JsonNode? tree, string @namespace, InjectionSettings settings)
    {
        var patch = new List<PatchOperation>();
        foreach (var workload in WorkloadPod.FindIn(JsonElement.Parse(tree?.ToJsonString() ?? "null")))
        {
            if (workload.IsMisplaced)
                _warnings.Add($"{workload.Name}: its own {Annotations.Prefix} annotations have no effect; they belong into the metadata of its pod template");
            switch (PodInjection.Decide(workload.Pod, workload.Namespace ?? @namespace, settings))
            {
                case Decision.Inject inject:
                    patch.AddRange(inject.Patch.Select(step => step with { Path = workload.Pointer + step.Path }));
                    _explanations.Add($"{workload.Name}:");
                    _explanations.AddRange(inject.Plan.Explain().Select(line => $"  {line}"));
                    _warnings.AddRange(inject.Warnings.Select(warning => $"{workload.Name}: {warning}"));
                    break;
                case Decision.Skip skip when skip.Why == SkipReason.NotRequested && workload.IsAnnotated:
                    _warnings.Add($"{workload.Name}: its {Annotations.Prefix} annotations have no effect without {Annotations.Prefix}{Annotations.Inject}: \"true\"");
                    break;
                case Decision.Reject reject:
                    _rejections.Add($"{workload.Name}: {reject.Message}");
                    break;
            }
        }

        if (_yaml.Length > 0)
            _yaml.Append("---\n");
        if (patch.Count == 0)
        {
            _yaml.Append(document);
            return;
        }

        _patches.Add(Text(patch));
        PatchOperation.ApplyAll((JsonObject)tree!, patch);
        _yaml.Append(YamlWriter.Write(tree));
    }

    private static string Text(IEnumerable<PatchOperation> patch)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Indented))
            PatchOperation.WriteAll(json, patch);
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>The documents between the <c>---</c> lines, as text, each with the line it begins at. Empty ones are left out.</summary>
    private static IEnumerable<(string Text, int FirstLine)> Documents(string text)
    {
        var document = new StringBuilder();
        var (firstLine, number) = (1, 0);
        foreach (var line in text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n'))
        {
            number++;
            if (line.StartsWith("---", StringComparison.Ordinal) && line.AsSpan(3).Trim() is "" or ['#', ..])
            {
                if (!string.IsNullOrWhiteSpace(document.ToString()))
                    yield return (document.ToString(), firstLine);
                document.Clear();
                firstLine = number + 1;
            }
            else
            {
                document.Append(line).Append('\n');
            }
        }

        if (!string.IsNullOrWhiteSpace(document.ToString()))
            yield return (document.ToString(), firstLine);
    }
}
