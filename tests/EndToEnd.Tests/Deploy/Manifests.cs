using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using SidecarAgent.Quickstart.Installation;
using SidecarAgent.Testing;
using SidecarAgent.Yaml;

namespace SidecarAgent.EndToEnd.Tests.Deploy;

/// <summary>What <c>kubectl apply -k</c> would send, for one directory below <c>deploy/</c>.</summary>
internal sealed class Manifests
{
    public const string Namespace = "sidecar-agent";
    public const string Base = "base";

    private static readonly ConcurrentDictionary<string, Task<Manifests>> Rendered = new();

    private Manifests(IReadOnlyList<JsonObject> objects) => Objects = objects;

    /// <summary>The base and every overlay.</summary>
    public static TheoryData<string> All =>
        [Base, .. Directory.GetDirectories(PathTo("overlays")).Order().Select(path => $"overlays/{Path.GetFileName(path)}")];

    public IReadOnlyList<JsonObject> Objects { get; }

    public static string PathTo(string name) => Path.Combine(Programs.Locate().Repository, "deploy", name);

    public static Task<Manifests> RenderAsync(string name) => Rendered.GetOrAdd(name, RenderNowAsync);

    public static string Kind(JsonNode entry) => (string)entry["kind"]!;

    public static string Name(JsonNode entry) => (string)entry["metadata"]!["name"]!;

    public static IEnumerable<JsonNode> List(JsonNode? list) => (list as JsonArray ?? []).Select(item => item!);

    public IEnumerable<JsonObject> Of(string kind) => Objects.Where(entry => Kind(entry) == kind);

    public JsonObject Get(string kind, string name) => Of(kind).Single(entry => Name(entry) == name);

    /// <summary>The pods that workloads make, with the kind and name of each.</summary>
    public IEnumerable<(string Workload, JsonObject Pod)> Pods() => Objects
        .Where(entry => Kind(entry) is "Deployment" or "StatefulSet")
        .Select(entry => ($"{Kind(entry)}/{Name(entry)}", entry["spec"]!["template"]!.AsObject()));

    /// <summary>The content of a file that a generated ConfigMap holds.</summary>
    public string Configuration(string name, string file) =>
        (string)Of("ConfigMap").Single(map => Name(map).StartsWith(name + "-", StringComparison.Ordinal))["data"]![file]!;

    private static async Task<Manifests> RenderNowAsync(string name)
    {
        using var directory = TempDirectory.Create();
        var file = directory.File("all.yaml");
        var result = await Tool.RunAsync("kubectl", "install version 1.28 or later: https://kubernetes.io/docs/tasks/tools", "kustomize", PathTo(name), "--output", file);
        Assert.True(result.ExitCode == 0, $"kubectl kustomize {name}: {result.Output}");
        Assert.DoesNotContain("Warning", result.Output, StringComparison.Ordinal);
        var documents = (await File.ReadAllTextAsync(file)).Split("\n---\n", StringSplitOptions.RemoveEmptyEntries);
        return new Manifests([.. documents.Select(document => YamlJson.Parse(document, name)!.AsObject())]);
    }
}
