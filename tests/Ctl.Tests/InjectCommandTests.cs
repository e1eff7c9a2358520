using System.CommandLine;
using System.Text.Json.Nodes;
using SidecarAgent.Yaml;

namespace SidecarAgent.Ctl.Tests;

public sealed class InjectCommandTests
{
    private const string Template = """
        metadata:
          annotations:
            sidecar-agent.io/inject: "true"
            sidecar-agent.io/secret-key: kv/shop/web#key
        spec:
          containers:
          - {name: app, image: "shop:1"}
        """;

    [Theory]
    [InlineData("Pod", "")]
    [InlineData("PodTemplate", "template")]
    [InlineData("Deployment", "spec template")]
    [InlineData("StatefulSet", "spec template")]
    [InlineData("DaemonSet", "spec template")]
    [InlineData("ReplicaSet", "spec template")]
    [InlineData("ReplicationController", "spec template")]
    [InlineData("Job", "spec template")]
    [InlineData("CronJob", "spec jobTemplate spec template")]
    [InlineData("Rollout", "spec template")]
    public void The_pods_of_every_workload_are_injected(string kind, string path)
    {
        var (code, output, _) = Run(Workload(kind, path));

        Assert.Equal(0, code);
        var pod = Steps(path).Aggregate(YamlJson.Parse(output, "output")!, (at, step) => at[step]!);
        Assert.Equal("sidecar-agent", (string)pod["spec"]!["initContainers"]![0]!["name"]!);
        Assert.Equal("injected", (string)pod["metadata"]!["annotations"]!["sidecar-agent.io/status"]!);
    }

    [Fact]
    public void Documents_without_a_pod_stay_as_they_are_written()
    {
        const string Service = "# a comment\napiVersion: v1\nkind: Service   # kept\nmetadata: {name: web}\n";
        const string Other = "kind: Pod\nmetadata: {name: plain}\nspec: {containers: [{name: app}]}   # does not ask\n";

        var (code, output, _) = Run($"---\n{Service}---\n{Workload("Deployment", "spec template")}---\n---\n{Other}");

        Assert.Equal(0, code);
        Assert.StartsWith(Service + "---\n", output, StringComparison.Ordinal);
        Assert.EndsWith("---\n" + Other, output, StringComparison.Ordinal);
        Assert.Equal(2, output.Split("---\n").Length - 1);
    }

    [Fact]
    public void What_was_printed_is_injected_no_second_time()
    {
        var first = Run(Workload("Deployment", "spec template")).Output;

        var (code, second, error) = Run(first);

        Assert.Equal((0, first), (code, second));
        Assert.Contains("nothing is injected", error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_pods_of_a_list_are_injected_too()
    {
        var list = new JsonObject
        {
            ["kind"] = "List",
            ["items"] = new JsonArray(YamlJson.Parse(Workload("Job", "spec template"), "a"), YamlJson.Parse(Workload("Pod", ""), "b")),
        };

        var (code, output, _) = Run(list.ToJsonString());

        Assert.Equal(0, code);
        Assert.Equal(2, output.Split("sidecar-agent.io/status: injected").Length - 1);
    }

    [Fact]
    public void Patch_prints_what_leads_from_the_document_to_the_injected_one()
    {
        var (code, output, _) = Run(Workload("Deployment", "spec template"), "--patch");

        Assert.Equal(0, code);
        var paths = JsonNode.Parse(output)!.AsArray().Select(operation => (string)operation!["path"]!).ToList();
        Assert.Contains("/spec/template/metadata/annotations/sidecar-agent.io~1status", paths);
        Assert.All(paths, path => Assert.StartsWith("/spec/template/", path, StringComparison.Ordinal));
    }

    [Fact]
    public void Explain_says_what_is_added_and_why()
    {
        var (code, output, _) = Run(Workload("StatefulSet", "spec template"), "--explain");

        Assert.Equal(0, code);
        Assert.StartsWith("statefulset/web:\n  volume sidecar-agent-secrets: 1Mi of memory", output, StringComparison.Ordinal);
        Assert.Contains("  file /secrets/key (0440): field key of kv/shop/web\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Pods_that_the_webhook_would_refuse_are_named_and_nothing_is_printed()
    {
        var bad = Workload("Job", "spec template").Replace("secret-key", "secrt-key", StringComparison.Ordinal);

        var (code, output, error) = Run($"{Workload("Pod", "")}\n---\n{bad}");

        Assert.Equal((1, ""), (code, output));
        Assert.Contains("sidecarctl: job/web: 2 problems: (1) annotation sidecar-agent.io/secrt-key: unknown annotation; did you mean sidecar-agent.io/secret-key?", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Broken_YAML_is_named_with_its_line_in_the_file()
    {
        var (code, output, error) = Run("a: 1\n---\nb: 2\n---\nc: [1\n");

        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith("sidecarctl: standard input:6:1: not valid YAML", error.Split('\n')[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_bad_input()
    {
        var (code, _, error) = Execute("", "-f", "no/such/file.yaml");

        Assert.Equal(2, code);
        Assert.Contains("no/such/file.yaml", error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_webhooks_configuration_decides_about_image_broker_and_trust()
    {
        var directory = Directory.CreateTempSubdirectory("sidecarctl-inject-");
        try
        {
            var config = Path.Combine(directory.FullName, "webhook.yaml");
            File.WriteAllText(config, """
                tls: { certFile: /no, keyFile: /no }
                agent: { image: "registry.example/agent:7" }
                broker: { address: "https://broker.example:8443", caFile: /no/ca.crt }
                trust: [ { namespaces: [ shop ], may: [ mount-path ] } ]
                """);
            var pod = Workload("Pod", "").Replace("sidecar-agent.io/secret-key", "sidecar-agent.io/mount-path: /run/x\n    sidecar-agent.io/secret-key", StringComparison.Ordinal);

            var (code, output, error) = Run(pod, "--config", config, "--namespace", "shop");
            var (elsewhere, _, _) = Run(pod, "--config", config);

            Assert.Equal((0, 1), (code, elsewhere));
            Assert.Contains("image: registry.example/agent:7", output, StringComparison.Ordinal);
            Assert.Contains("https://broker.example:8443", output, StringComparison.Ordinal);
            Assert.Contains("warning: /no/ca.crt is not here", error, StringComparison.Ordinal);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public void What_the_pods_author_wrote_cannot_steer_the_terminal()
    {
        var pod = Workload("Pod", "").Replace("name: app", "name: \"app\\e[2J\"", StringComparison.Ordinal);

        var (_, output, error) = Run(pod, "--explain");

        Assert.Contains("app\\u001B[2J", output + error, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output + error);
    }

    [Fact]
    public void Annotations_where_nobody_reads_them_are_warned_about()
    {
        var (code, _, error) = Run("""
            kind: Deployment
            metadata: {name: web, annotations: {sidecar-agent.io/inject: "true"}}
            spec: {template: {spec: {containers: [{name: app}]}}}
            ---
            kind: Pod
            metadata: {name: two, annotations: {sidecar-agent.io/injct: "true", sidecar-agent.io/secret-a: kv/a}}
            spec: {containers: [{name: app}]}
            """);

        Assert.Equal(0, code);
        Assert.Contains("warning: deployment/web: its own sidecar-agent.io/ annotations have no effect; they belong into the metadata of its pod template\n", error, StringComparison.Ordinal);
        Assert.Contains("warning: pod/two: its sidecar-agent.io/ annotations have no effect without sidecar-agent.io/inject: \"true\"\n", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_workload_may_declare_the_volume_that_it_mounts_elsewhere()
    {
        var deployment = YamlJson.Parse(Workload("Deployment", "spec template"), "a")!;
        var spec = deployment["spec"]!["template"]!["spec"]!;
        spec["volumes"] = new JsonArray(JsonNode.Parse("""{"name":"sidecar-agent-secrets","emptyDir":{"medium":"Memory","sizeLimit":"1Mi"}}"""));
        spec["containers"]![0]!["volumeMounts"] = new JsonArray(JsonNode.Parse("""{"name":"sidecar-agent-secrets","mountPath":"/app/secrets","readOnly":true}"""));

        var (code, output, _) = Run(deployment.ToJsonString());

        Assert.Equal(0, code);
        var injected = YamlJson.Parse(output, "output")!["spec"]!["template"]!["spec"]!;
        Assert.Equal(["sidecar-agent-secrets", "sidecar-agent-token"], injected["volumes"]!.AsArray().Select(volume => (string)volume!["name"]!));
        Assert.Single(injected["containers"]![0]!["volumeMounts"]!.AsArray());
    }

    [Fact]
    public void Either_explanation_or_patch() => Assert.NotEqual(0, Run(Workload("Pod", ""), "--explain", "--patch").Code);

    private static (int Code, string Output, string Error) Run(string yaml, params string[] options) =>
        Execute(yaml, ["-f", "-", .. options]);

    private static (int Code, string Output, string Error) Execute(string input, params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var code = InjectCommand.Create(new StringReader(input)).Parse(arguments)
            .Invoke(new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }

    /// <summary>A workload of that kind with the pod template where it belongs.</summary>
    private static string Workload(string kind, string path)
    {
        var pod = YamlJson.Parse(Template, "template")!.AsObject();
        var document = Steps(path).Reverse().Aggregate(pod, (inner, step) => new JsonObject { [step] = inner });
        document["kind"] = kind;
        var metadata = document["metadata"]?.AsObject() ?? [];
        metadata["name"] = "web";
        document["metadata"] = metadata.DeepClone();
        return YamlWriter.Write(document);
    }

    private static string[] Steps(string path) => path.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
