using System.Text.Json.Nodes;
using SidecarAgent.Quickstart.PodRunner;

namespace SidecarAgent.EndToEnd.Tests.PodRunner;

/// <summary>Pods of shell scripts, for tests of the runner.</summary>
internal static class Some
{
    public static PodIdentity Pod { get; } = new(
        "shop", "orders-0", "309c0da9-fa96-4929-b7af-5a7d77a5779b", "orders", "node1",
        new Dictionary<string, string>(), new Dictionary<string, string>());

    /// <summary>An image with a shell and what comes with it.</summary>
    public static LocalImage Shell { get; } = new(
        "/bin/sh",
        new Dictionary<string, string> { ["/bin/true"] = "/bin/true", ["/bin/false"] = "/bin/false" },
        new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" });

    public static JsonObject Container(string name, string script) => new()
    {
        ["name"] = name,
        ["image"] = "shell",
        ["args"] = new JsonArray("-c", script),
        ["volumeMounts"] = new JsonArray(new JsonObject { ["name"] = "shared", ["mountPath"] = "/shared" }),
    };

    public static JsonObject Sidecar(string name, string script, string? postStart = null)
    {
        var container = Container(name, script);
        container["restartPolicy"] = "Always";
        if (postStart is not null)
            container["lifecycle"] = new JsonObject
            {
                ["postStart"] = new JsonObject
                {
                    ["exec"] = new JsonObject { ["command"] = new JsonArray("/bin/sh", "-c", postStart) },
                },
            };
        return container;
    }

    public static PodDefinition PodOf(JsonNode[] initContainers, JsonNode[] containers, string restartPolicy = "Never") =>
        PodReader.Read(
            new JsonObject
            {
                ["metadata"] = new JsonObject { ["name"] = "orders-0", ["namespace"] = "shop" },
                ["spec"] = new JsonObject
                {
                    ["restartPolicy"] = restartPolicy,
                    ["volumes"] = new JsonArray(new JsonObject { ["name"] = "shared", ["emptyDir"] = new JsonObject() }),
                    ["initContainers"] = new JsonArray(initContainers),
                    ["containers"] = new JsonArray(containers),
                },
            },
            "node1",
            Guid.NewGuid());
}
