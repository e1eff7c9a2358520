using SidecarAgent.Webhook.Injection;
using SidecarAgent.Webhook.Tests.Kit;

namespace SidecarAgent.Webhook.Tests.Injection;

public sealed class BadAnnotationTests
{
    [Theory]
    [InlineData("inject", "True", "expected \"true\" or \"false\", got 'True'")]
    [InlineData("inject", "", "expected \"true\" or \"false\", got ''")]
    [InlineData("secret-", "kv/a", "cannot be the file's name: a file's path has 1 to 512 characters, got 0")]
    [InlineData("secret-..data", "kv/a", "names that begin with '..' belong to the agent")]
    [InlineData("secret-a", "", "a path has 1 to 256 characters, got 0")]
    [InlineData("secret-a", "kv", "a path is a mount and a name")]
    [InlineData("secret-a", "/kv/a", "a path has no empty segments")]
    [InlineData("secret-a", "kv/a/", "a path has no empty segments")]
    [InlineData("secret-a", "kv/../a", "no '.' or '..' segments")]
    [InlineData("secret-a", "kv/a b", "letters, digits, '.', '_' and '-'")]
    [InlineData("secret-a", "kv/a#", "after '#' a field is named")]
    [InlineData("secret-a", "kv/a#x/y", "after '#' a field is named")]
    [InlineData("file-key", "/etc/passwd", "is relative to the mount")]
    [InlineData("file-key", "../key", "no '.' or '..' in it")]
    [InlineData("file-key", "tls/../key", "no '.' or '..' in it")]
    [InlineData("file-key", "tls//key", "no empty names")]
    [InlineData("file-key", "tls/", "no empty names")]
    [InlineData("file-key", "..2026/key", "belong to the agent")]
    [InlineData("file-key", "a\\b", "holds no '\\'")]
    [InlineData("file-key", "a\nb", "no control characters")]
    [InlineData("file-ky", "a", "no secret and no template has this name; did you mean file-key?")]
    [InlineData("delimiters-key", "[[ ]]", "there is no template that it could belong to")]
    [InlineData("delimiters-key", "[[", "expected two delimiters with a space between them")]
    [InlineData("missing-key-key", "error", "there is no template that it could belong to")]
    [InlineData("mode-other", "0440", "there is no secret-other and no template-other annotation")]
    [InlineData("format-key", "toml", "expected one of json, env, yaml, properties, raw, got 'toml'")]
    [InlineData("mode-key", "440x", "expected an octal mode")]
    [InlineData("mode-key", "04440", "expected an octal mode")]
    [InlineData("mode-key", "4755", "expected an octal mode")]
    [InlineData("mode-key", "0890", "expected an octal mode")]
    [InlineData("mode-key", "0200", "the agent itself must be able to read the file: add 0400 to 0200")]
    [InlineData("notify-key", "signal:KILL:app", "the signal must be one of HUP, INT, QUIT, TERM, USR1, USR2, WINCH, got 'KILL'")]
    [InlineData("notify-key", "signal:HUP", "the process must be a name")]
    [InlineData("notify-key", "signal:HUP:a b", "the process must be a name")]
    [InlineData("notify-key", "signal:HUP:../x", "the process must be a name")]
    [InlineData("notify-key", "signal:HUP:pause", "pause is part of the pod, not of the application")]
    [InlineData("notify-key", "signal:HUP:sidecar-agent", "sidecar-agent is part of the pod, not of the application")]
    [InlineData("notify", "http:0/x", "the port must be a number from 1 to 65535, got '0'")]
    [InlineData("notify", "http:8080", "the path is missing")]
    [InlineData("notify", "http:8080/a b", "no spaces")]
    [InlineData("notify", "http://example.org/", "the port must be a number")]
    [InlineData("notify", "exec:rm", "expected signal:SIGNAL:PROCESS")]
    [InlineData("on-revoke", "burn", "expected one of delete, keep, got 'burn'")]
    [InlineData("mount-path", "secrets", "expected an absolute path")]
    [InlineData("mount-path", "/", "would hide what the container needs")]
    [InlineData("mount-path", "/usr/bin", "would hide what the container needs")]
    [InlineData("mount-path", "/proc/self", "/proc is reserved")]
    [InlineData("mount-path", "/var/run/secrets/kubernetes.io/serviceaccount", "/var/run/secrets/kubernetes.io is reserved")]
    [InlineData("mount-path", "/run/secrets/kubernetes.io", "/run/secrets/kubernetes.io is reserved")]
    [InlineData("mount-path", "/var/run/sidecar-agent/x", "/var/run/sidecar-agent is reserved")]
    [InlineData("mount-path", "/sidecar-agent", "/sidecar-agent is reserved")]
    [InlineData("mount-path", "/a/../etc", "in its shortest form")]
    [InlineData("mount-path", "/a/", "in its shortest form")]
    [InlineData("mount-path", "//a", "in its shortest form")]
    [InlineData("mount-path", "/a:b", "no ':'")]
    [InlineData("containers", " , ", "expected the names of containers")]
    [InlineData("containers", "app,nope", "the pod has no container 'nope'; it has app")]
    [InlineData("mode", "daemon", "expected one of sidecar, init, classic, got 'daemon'")]
    [InlineData("first", "1", "expected \"true\" or \"false\", got '1'")]
    [InlineData("run-as-user", "0", "does not run as root")]
    [InlineData("run-as-user", "-1", "expected a whole number from 1 to 2147483647")]
    [InlineData("run-as-group", "4294967296", "expected a whole number from 1 to 2147483647")]
    [InlineData("cpu-request", "2 m", "expected a quantity such as 2m, or none, got '2 m'")]
    [InlineData("memory-limit", "-64Mi", "expected a quantity")]
    [InlineData("memory-limit", "64MiB", "expected a quantity")]
    [InlineData("volume-size", "none", "expected a quantity such as 1Mi, got 'none'")]
    [InlineData("volume-size", "1", "at least one page of memory")]
    [InlineData("token-expiration", "599", "expected a whole number from 600 to 86400, got '599'")]
    [InlineData("log-level", "verbose", "expected one of trace, debug, info, warn, error, got 'verbose'")]
    [InlineData("metrics-port", "80", "expected a whole number from 1024 to 65535, got '80'")]
    [InlineData("broker", "http://broker:8443", "expected an address such as https://")]
    [InlineData("broker", "https://user:pass@broker:8443", "expected an address such as https://")]
    [InlineData("broker", "https://broker:8443/path", "expected an address such as https://")]
    [InlineData("image", "has space", "expected an image")]
    [InlineData("audience", "", "an audience has 1 to 253 visible characters")]
    [InlineData("secrt-api", "kv/a", "unknown annotation; did you mean sidecar-agent.io/secret-api?")]
    [InlineData("injct", "true", "unknown annotation; did you mean sidecar-agent.io/inject?")]
    [InlineData("something-else-entirely", "x", "unknown annotation")]
    public void A_bad_annotation_is_named_with_what_was_expected(string name, string value, string problem)
    {
        var rejection = The.Rejection(The.Pod((name, value)), The.TrustingSettings);

        var shown = Foreign.Plain(name);
        Assert.Contains(rejection.Problems, p =>
            p.StartsWith($"annotation sidecar-agent.io/{shown}: ", StringComparison.Ordinal)
            && p.Contains(problem, StringComparison.Ordinal));
        Assert.Single(rejection.Problems);
        Assert.Contains(rejection.Why, new[] { RejectReason.BadAnnotation, RejectReason.Conflict });
    }

    [Theory]
    [InlineData("secret-other", "kv/x", "file-other", "key", "writes the same file as 'key': key")]
    [InlineData("secret-other", "kv/x", "file-other", "key/inner", "key cannot be a file and the directory of key/inner")]
    [InlineData("secret-other", "kv/x", "format-other", "raw", "name it in sidecar-agent.io/secret-other, as path#field")]
    [InlineData("template-key", "{{ 1 }}", "format-key", "json", "a template decides what the file holds")]
    public void Annotations_that_do_not_go_together_are_named(
        string name, string value, string otherName, string otherValue, string problem)
    {
        var rejection = The.Rejection(The.Pod((name, value), (otherName, otherValue)));

        Assert.Contains(problem, Assert.Single(rejection.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void All_problems_come_in_one_line_annotations_trust_and_conflicts_together()
    {
        var pod = The.Pod(("log-level", "loud"), ("image", "evil:1"), ("metrics-port", "9999"));
        pod["spec"]!["containers"]![0]!["ports"] = new System.Text.Json.Nodes.JsonArray(
            new System.Text.Json.Nodes.JsonObject { ["containerPort"] = 9999 });

        var message = The.Rejection(pod).Message;

        Assert.StartsWith("3 problems: (1) annotation sidecar-agent.io/log-level", message, StringComparison.Ordinal);
        Assert.Contains("; (2) annotation sidecar-agent.io/image: not allowed in namespace 'shop'", message, StringComparison.Ordinal);
        Assert.Contains("; (3) annotation sidecar-agent.io/metrics-port: port 9999 belongs to container 'app'", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void Who_asks_for_what_is_not_allowed_is_counted_as_such_whatever_else_is_wrong()
    {
        Assert.Same(RejectReason.NotTrusted, The.Rejection(The.Pod(("log-level", "loud"), ("image", "evil:1"))).Why);
        Assert.Same(RejectReason.BadAnnotation, The.Rejection(The.Pod(("log-level", "loud"))).Why);
    }

    [Fact]
    public void A_hundred_problems_still_make_a_message_that_fits_an_event()
    {
        var pod = The.Pod([.. Enumerable.Range(0, 100).Select(i => ($"nonsense{i}{new string('x', 300)}", "x"))]);

        var message = The.Rejection(pod).Message;

        Assert.StartsWith("100 problems: ", message, StringComparison.Ordinal);
        Assert.EndsWith("; and 80 more", message, StringComparison.Ordinal);
        Assert.InRange(message.Length, 100, 4096);
    }

    [Fact]
    public void Suggestions_end_where_the_message_does_because_each_costs_a_look_at_every_name()
    {
        var pod = The.Pod([.. Enumerable.Range(100, 100).SelectMany(i =>
            new[] { ($"secret-f{i}", "kv/a"), ($"format-g{i}", "json"), ($"secrt-h{i}", "kv/a") })]);

        var problems = The.Rejection(pod).Problems;

        Assert.Equal(200, problems.Count);
        Assert.Equal(20, problems.Count(problem => problem.Contains("did you mean", StringComparison.Ordinal)));
    }

    [Fact]
    public void Of_more_names_than_a_pod_may_have_none_is_suggested()
    {
        var pod = The.Pod([("format-f1x", "json"), .. Enumerable.Range(0, 128).Select(i => ($"secret-f{i}", "kv/a"))]);

        Assert.DoesNotContain("did you mean", The.Rejection(pod).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_containers_than_anybody_has_are_not_looked_for()
    {
        var names = string.Join(',', Enumerable.Range(0, 1001));

        Assert.Equal(
            "annotation sidecar-agent.io/containers: at most 1000 containers can be named, got 1001",
            The.Rejection(The.Pod(("containers", names))).Message);
    }

    [Fact]
    public void Text_of_the_pods_author_cannot_forge_lines_or_colours()
    {
        var message = The.Rejection(The.Pod(("log-level", "x\r\nFAKE line\u001b[31m\u202e"))).Message;

        Assert.Contains("got 'x??FAKE line?[31m?'", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_template_that_the_environment_cannot_carry_is_refused()
    {
        var big = new string('x', FileAnnotations.MaxTemplateLength);

        Assert.Contains("at most 65536 characters, got 65537", The.Rejection(The.Pod(("template-a", big + "x"))).Message, StringComparison.Ordinal);
        Assert.Contains("Linux passes at most 131008 in a variable",
            The.Rejection(The.Pod(("template-a", big), ("template-b", big))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_files_than_a_pod_may_have_are_refused()
    {
        var pod = The.Pod([.. Enumerable.Range(0, 128).Select(i => ($"secret-f{i}", "kv/a"))]);

        Assert.Equal("annotation sidecar-agent.io/inject: a pod has at most 128 files, got 129", The.Rejection(pod).Message);
    }
}
