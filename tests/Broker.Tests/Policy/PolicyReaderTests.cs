using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Policy;
using SidecarAgent.Yaml;

namespace SidecarAgent.Broker.Tests.Policy;

public class PolicyReaderTests
{
    private const string Subject = "subjects: [ { namespace: shop, serviceAccount: orders } ]";
    private const string Grant = "grants: [ { paths: [ kv/a ] } ]";

    [Theory]
    [InlineData("{}", "a.yaml:1:1: a policy file needs 'policies', a list")]
    [InlineData("policies: {}", "a.yaml:1:11: 'policies' must be a list")]
    [InlineData("policies: [ { " + Subject + ", " + Grant + " } ]", "a.yaml:1:13: an entry of 'policies' needs 'name'")]
    [InlineData("policies: [ { name: 'a b', " + Subject + ", " + Grant + " } ]",
        "a.yaml:1:21: a policy's name has at most 128 letters, digits, '.', '_' and '-'")]
    [InlineData("policies: [ { name: a, " + Grant + " } ]",
        "a.yaml:1:13: the policy needs 'subjects', a list of at least one: whom it is about")]
    [InlineData("policies: [ { name: a, subjects: [], " + Grant + " } ]",
        "a.yaml:1:13: the policy needs 'subjects', a list of at least one: whom it is about")]
    [InlineData("policies: [ { name: a, " + Subject + " } ]",
        "a.yaml:1:13: the policy needs 'grants', a list of at least one: what it gives")]
    [InlineData("policies: [ { name: a, " + Subject + ", grants: [ {} ] } ]",
        "the grant needs 'paths', a list of at least one")]
    [InlineData("policies: [ { name: a, subject: x, " + Subject + ", " + Grant + " } ]",
        "unknown key 'subject' in an entry of 'policies'; did you mean 'subjects'?")]
    [InlineData("policies: [ { name: a, subjects: [ { namespace: shop } ], " + Grant + " } ]",
        "an entry of 'subjects' needs 'serviceAccount'")]
    [InlineData("policies: [ { name: a, subjects: [ { namespace: Shop, serviceAccount: x } ], " + Grant + " } ]",
        "'namespace' must be a Kubernetes name")]
    [InlineData("policies: [ { name: a, subjects: [ { namespace: '{namespace}', serviceAccount: x } ], " + Grant + " } ]",
        "'namespace' must be a Kubernetes name")]
    [InlineData("policies: [ { name: a, subjects: [ { namespace: a/b, serviceAccount: x } ], " + Grant + " } ]",
        "'namespace' must be a Kubernetes name")]
    [InlineData("policies: [ { name: a, subjects: [ { namespace: a, serviceAccount: b, issuer: '' } ], " + Grant + " } ]",
        "'issuer' must not be empty; leave it out for any issuer")]
    public void A_bad_policy_is_refused_with_its_place(string text, string expected) =>
        Assert.Contains(expected, Problem(text), StringComparison.Ordinal);

    [Theory]
    [InlineData("paths: [ kv ]", "'kv': a path pattern is a mount and a name, such as kv/shop/orders")]
    [InlineData("paths: [ /kv/a ]", "'/kv/a': a segment must not be empty")]
    [InlineData("paths: [ kv//a ]", "'kv//a': a segment must not be empty")]
    [InlineData("paths: [ kv/a/ ]", "'kv/a/': a segment must not be empty")]
    [InlineData("paths: [ kv/../a ]", "'kv/../a': no path has '.' or '..' as a segment")]
    [InlineData("paths: [ 'kv/a b' ]", "'kv/a b': expected letters, digits, '.', '_', '-', '*' and {variables}")]
    [InlineData("paths: [ 'kv/a}' ]", "expected letters, digits, '.', '_', '-', '*' and {variables}")]
    [InlineData("paths: [ 'kv/{node}' ]", "there is no {node}; expected {namespace}, {serviceAccount} or {pod}")]
    [InlineData("paths: [ 'kv/{Namespace}' ]", "there is no {Namespace}; expected {namespace}")]
    [InlineData("paths: [ 'kv/{pod' ]", "a '{' has no '}'")]
    [InlineData("paths: [ 'kv/**/a' ]", "'**' may only be the last segment, alone")]
    [InlineData("paths: [ 'kv/a**' ]", "'**' may only be the last segment, alone")]
    [InlineData("paths: [ '**' ]", "a path pattern is a mount and a name")]
    [InlineData("paths: [ '*/a' ]", "the mount, which is the first segment, must be written out")]
    [InlineData("paths: [ '{namespace}/a' ]", "the mount, which is the first segment, must be written out")]
    [InlineData("paths: [ kv/a ], fields: []", "'fields' names no field; leave it out to grant all")]
    [InlineData("paths: [ kv/a ], fields: [ '*' ]", "'*' is not a field's name")]
    [InlineData("paths: [ kv/a ], ttl: 0s", "'ttl' must be from 1s to 365d")]
    [InlineData("paths: [ kv/a ], maxTtl: 366d", "'maxTtl' must be from 1s to 365d")]
    [InlineData("paths: [ kv/a ], ttl: 2h, maxTtl: 1h", "'ttl' must not be longer than 'maxTtl', which is 3600s")]
    [InlineData("paths: [ kv/a ], ttl: 25h", "'ttl' must not be longer than 'maxTtl', which is 86400s")]
    [InlineData("paths: [ kv/a ], ttl: soon", "'ttl' must be a duration such as 90s, 15m, 1h or 7d")]
    public void A_bad_grant_is_refused_with_what_was_expected(string grant, string expected) =>
        Assert.Contains(
            expected,
            Problem($"policies: [ {{ name: a, {Subject}, grants: [ {{ {grant} }} ] }} ]"),
            StringComparison.Ordinal);

    [Fact]
    public void Everything_wrong_in_all_files_is_reported_at_once()
    {
        var e = Assert.Throws<InvalidYamlException>(() => PolicySet.Parse(
            [
                new PolicyFile("a.yaml", $"policies: [ {{ name: one, {Subject}, {Grant} }} ]"),
                new PolicyFile("b.yaml", $"policies: [ {{ name: one, {Subject}, grants: [ {{ paths: [ x ], tll: 1h }} ] }} ]"),
                new PolicyFile("c.yaml", "policies: ["),
            ],
            LeaseOptions.Default));

        Assert.Equal(["b.yaml", "b.yaml", "b.yaml", "c.yaml"], e.Problems.Select(problem => problem.File));
        Assert.Equal("there is already a policy 'one', in a.yaml", e.Problems[0].Message);
    }

    private static string Problem(string text) =>
        Assert.Throws<InvalidYamlException>(
            () => PolicySet.Parse([new PolicyFile("a.yaml", text)], LeaseOptions.Default)).Message;
}
