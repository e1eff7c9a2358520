using System.Text.Json.Nodes;
using CsCheck;
using SidecarAgent.Webhook.Vault;

namespace SidecarAgent.Webhook.Tests.Injection;

/// <summary>Random pods, as JSON text so that a failing one can be read.</summary>
internal static class Pods
{
    private static readonly Gen<string> Word = Gen.String[Gen.Char["abcdefgh-/~.0 é$\"\\\n"], 0, 12];

    private static readonly Gen<JsonNode?> Leaf = Gen.OneOf(
        Gen.Const((JsonNode?)null),
        Gen.Bool.Select(value => (JsonNode?)JsonValue.Create(value)),
        Gen.Long.Select(value => (JsonNode?)JsonValue.Create(value)),
        Gen.Double.Unit.Select(value => (JsonNode?)JsonValue.Create(value)),
        Word.Select(value => (JsonNode?)JsonValue.Create(value)));

    /// <summary>Any JSON tree, with the names in it that the injection looks at.</summary>
    private static readonly Gen<JsonNode?> Tree = Gen.Recursive<JsonNode?>((depth, inner) => depth > 4
        ? Leaf
        : Gen.Frequency(
            (2, Leaf),
            (2, inner.List[0, 3].Select(items => (JsonNode?)new JsonArray([.. items.Select(item => item?.DeepClone())]))),
            (3, Gen.Select(Gen.OneOf("name", "containers", "initContainers", "volumes", "volumeMounts", "mountPath",
                "securityContext", "supplementalGroups", "ports", "containerPort", "os", "x/~y", "annotations"), inner).List[0, 4]
                .Select(members => (JsonNode?)Object(members)))));

    private static readonly Gen<JsonObject> Mount = Gen.Select(Gen.Int[0, 99], Gen.Bool, Tree, (n, readOnly, extra) => new JsonObject
    {
        ["name"] = $"v{n % 3}",
        ["mountPath"] = $"/data/{n}",
        ["readOnly"] = readOnly,
        ["futureOfMounts"] = extra?.DeepClone(),
    });

    private static readonly Gen<JsonObject> Container = Gen.Select(Mount.List[0, 3], Tree, Gen.Bool, (mounts, extra, hasMounts) =>
    {
        var container = new JsonObject { ["image"] = "a:1", ["futureOfContainers"] = extra?.DeepClone() };
        if (hasMounts)
            container["volumeMounts"] = new JsonArray([.. mounts.DistinctBy(mount => (string)mount["mountPath"]!).Select(mount => mount.DeepClone())]);
        return container;
    });

    /// <summary>Pods that can be injected, with fields in them that nobody knows.</summary>
    public static Gen<string> Injectable { get; } = Gen.Select(
        Container.List[1, 4], Container.List[0, 3], Tree, Gen.Int[0, 3], Gen.OneOf("sidecar", "init", "classic"), Gen.Bool,
        (containers, init, extra, volumes, mode, first) =>
        {
            var pod = Kit.The.Pod(("mode", mode), ("first", first ? "true" : "false"));
            var spec = pod["spec"]!.AsObject();
            spec["futureOfPods"] = extra?.DeepClone();
            spec["containers"] = Named("app", containers);
            if (init.Count > 0)
                spec["initContainers"] = Named("init", init);
            spec["volumes"] = new JsonArray([.. Enumerable.Range(0, 3).Select(n => new JsonObject { ["name"] = $"v{n}", ["emptyDir"] = new JsonObject() })]);
            if (volumes == 0)
                spec["securityContext"] = new JsonObject { ["fsGroup"] = 1, ["supplementalGroups"] = new JsonArray(1, 2) };
            return pod.ToJsonString();
        });

    /// <summary>A plain pod whose annotations say anything.</summary>
    public static Gen<string> WithAnyAnnotations { get; } = Gen.Select(
        Gen.OneOf("secret-a", "secret-b.c", "template-t", "file-a", "format-a", "mode-a", "notify-a", "notify", "mount-path", "containers",
            "mode", "first", "run-as-user", "run-as-group", "cpu-request", "memory-limit", "volume-size", "token-expiration",
            "log-level", "metrics-port", "on-revoke", "broker", "image", "audience", "status", "what"),
        Gen.OneOf(Word, Gen.OneOf("true", "false", "kv/a", "kv/a#f", "0440", "0777", "init", "classic", "app", "1000", "9464", "64Mi",
            "none", "/x/y", "signal:HUP:x", "http:1/", "json", "raw", "keep", "https://b:1", "trace"))).List[0, 8].Select(annotations =>
        Kit.The.Pod([.. annotations.DistinctBy(a => a.Item1)]).ToJsonString());

    private static readonly string[] VaultNames =
        [.. VaultAnnotations.Renamed.Keys, .. VaultAnnotations.Ignored.Keys, .. VaultAnnotations.Translated, .. VaultAnnotations.RenamedPerFile.Keys, "x-"];

    /// <summary>A plain pod that asks as one of Vault's injector, and whose annotations say anything.</summary>
    public static Gen<string> WithAnyVaultAnnotations { get; } = Gen.Select(
        Gen.Int[0, VaultNames.Length - 1].Select(i => VaultNames[i]),
        Gen.OneOf("", "a", "A", "../x"),
        Gen.OneOf(Word, Gen.OneOf("true", "false", "secret/data/a", "{{ secret \"secret/data/a\" }}", "sh -c 'kill -HUP $(pidof x)'", "curl -X POST http://localhost:1/",
            "0644", "/vault/secrets/x", "/x", "1000", "64Mi", "json", "[["))).List[0, 10].Select(annotations =>
    {
        var pod = Kit.The.Pod();
        var map = new JsonObject { [VaultAnnotations.Prefix + "agent-inject"] = "true", [VaultAnnotations.Prefix + "agent-inject-secret-a"] = "kv/a" };
        foreach (var (kind, name, value) in annotations)
            map[VaultAnnotations.Prefix + (kind.EndsWith('-') ? kind + name : kind)] = value;
        pod["metadata"]!["annotations"] = map;
        return pod.ToJsonString();
    });

    public static Gen<string> AnyTree { get; } = Tree.Select(tree => tree?.ToJsonString() ?? "null");

    private static JsonArray Named(string prefix, List<JsonObject> containers) => new([.. containers.Select((container, i) =>
    {
        var named = container.DeepClone().AsObject();
        named["name"] = $"{prefix}{i}";
        return named;
    })]);

    private static JsonObject Object(List<(string Name, JsonNode? Value)> members)
    {
        var map = new JsonObject();
        foreach (var (name, value) in members)
            map[name] = value?.DeepClone();
        return map;
    }
}
