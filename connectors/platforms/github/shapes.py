"""What GitHub's REST interface answers, as far as it is read (github.com and Enterprise Server)."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from connectors.apis.payload import Shape


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


class Account(Shape, frozen=True):
    """Who did something. A deleted account is null, or the account `ghost`."""

    login: str
    id: int
    type: str = "User"
    unread: ClassVar[frozenset[str]] = _names(
        "avatar_url email events_url followers_url following_url gists_url gravatar_id html_url "
        "ldap_dn name node_id organizations_url received_events_url repos_url site_admin "
        "starred_at starred_url subscriptions_url url user_view_type"
    )


class Reactions(Shape, frozen=True):
    """How often an act got each sign; only the raised thumb is read."""

    likes: int = msgspec.field(name="+1", default=0)
    unread: ClassVar[frozenset[str]] = _names(
        "-1 confused eyes heart hooray laugh rocket total_count url"
    )


class PullLink(Shape, frozen=True):
    """Marks an issue as a pull request; before 2013 issues had it too, with nothing in it."""

    html_url: str | None = None
    unread: ClassVar[frozenset[str]] = _names("diff_url merged_at patch_url url")


class Issue(Shape, frozen=True):
    """An issue, or a pull request with its issue's part."""

    number: int
    title: str
    comments: int
    created_at: str
    updated_at: str
    user: Account | None = None
    body: str | None = None
    author_association: str = ""
    pull_request: PullLink | None = None
    reactions: Reactions | None = None
    unread: ClassVar[frozenset[str]] = _names(
        "active_lock_reason assignee assignees body_html body_text closed_at closed_by "
        "comments_url draft events_url html_url id issue_dependencies_summary "
        "issue_field_values labels labels_url locked milestone node_id parent_issue_url "
        "performed_via_github_app pinned_comment repository repository_url score state "
        "state_reason sub_issues_summary timeline_url type url"
    )


class Comment(Shape, frozen=True):
    """A comment on an issue or a pull request."""

    id: int
    issue_url: str
    created_at: str
    updated_at: str
    user: Account | None = None
    body: str | None = None
    author_association: str = ""
    reactions: Reactions | None = None
    unread: ClassVar[frozenset[str]] = _names(
        "body_html body_text html_url node_id performed_via_github_app pin url"
    )


class Release(Shape, frozen=True):
    """A release; `published_at` is null for a draft."""

    id: int
    tag_name: str
    created_at: str
    published_at: str | None = None
    updated_at: str | None = None
    name: str | None = None
    body: str | None = None
    html_url: str = ""
    draft: bool = False
    reactions: Reactions | None = None
    unread: ClassVar[frozenset[str]] = _names(
        "assets assets_url author body_html body_text discussion_url immutable "
        "mentions_count node_id prerelease tarball_url target_commitish upload_url url zipball_url"
    )


_LINKS = (
    "archive_url assignees_url blobs_url branches_url clone_url collaborators_url comments_url "
    "commits_url compare_url contents_url contributors_url deployments_url downloads_url "
    "events_url forks_url git_commits_url git_refs_url git_tags_url git_url hooks_url html_url "
    "issue_comment_url issue_events_url issues_url keys_url labels_url languages_url merges_url "
    "milestones_url mirror_url notifications_url pulls_url releases_url ssh_url stargazers_url "
    "statuses_url subscribers_url subscription_url svn_url tags_url teams_url trees_url url"
)
_SETTINGS = (
    "allow_auto_merge allow_forking allow_merge_commit allow_rebase_merge allow_squash_merge "
    "allow_update_branch anonymous_access_enabled archived code_of_conduct "
    "code_search_index_status custom_properties default_branch delete_branch_on_merge disabled "
    "has_discussions has_downloads has_issues has_pages has_projects has_pull_requests has_wiki "
    "is_template license master_branch merge_commit_message merge_commit_title organization owner "
    "parent permissions pull_request_creation_policy role_name security_and_analysis source "
    "squash_merge_commit_message squash_merge_commit_title temp_clone_token template_repository "
    "topics use_squash_pr_title_as_default visibility web_commit_signoff_required"
)


class Repository(Shape, frozen=True):
    """A repository, by itself or in the list of an account's."""

    name: str
    fork: bool = False
    private: bool = False
    description: str | None = None
    homepage: str | None = None
    stargazers_count: int | None = None
    unread: ClassVar[frozenset[str]] = _names(
        f"{_LINKS} {_SETTINGS} created_at forks forks_count full_name id language network_count "
        "node_id open_issues open_issues_count pushed_at size starred_at subscribers_count "
        "updated_at watchers watchers_count"
    )


class Profile(Shape, frozen=True):
    """The profile of an organization, or of the user account that an organization uses."""

    followers: int | None = None
    is_verified: bool | None = None
    description: str | None = None
    bio: str | None = None
    blog: str | None = None
    email: str | None = None
    unread: ClassVar[frozenset[str]] = _names(
        "advanced_security_enabled_for_new_repositories archived_at avatar_url billing_email "
        "business_plus collaborators company created_at default_repository_branch "
        "default_repository_permission dependabot_alerts_enabled_for_new_repositories "
        "dependabot_security_updates_enabled_for_new_repositories "
        "dependency_graph_enabled_for_new_repositories deploy_keys_enabled_for_repositories "
        "disk_usage display_commenter_full_name_setting_enabled events_url followers_url following "
        "following_url gists_url gravatar_id has_organization_projects has_repository_projects "
        "hireable hooks_url html_url id issues_url ldap_dn location login "
        "members_allowed_repository_creation_type members_can_change_repo_visibility "
        "members_can_create_internal_repositories members_can_create_pages "
        "members_can_create_private_pages members_can_create_private_repositories "
        "members_can_create_public_pages members_can_create_public_repositories "
        "members_can_create_repositories members_can_create_teams "
        "members_can_delete_issues members_can_delete_repositories "
        "members_can_fork_private_repositories members_can_invite_outside_collaborators "
        "members_can_view_dependency_insights members_url name node_id notification_email "
        "organizations_url owned_private_repos plan private_gists public_gists public_members_url "
        "public_repos readers_can_create_discussions received_events_url repos_url "
        "secret_scanning_enabled_for_new_repositories "
        "secret_scanning_push_protection_custom_link "
        "secret_scanning_push_protection_custom_link_enabled "
        "secret_scanning_push_protection_enabled_for_new_repositories site_admin starred_url "
        "subscriptions_url suspended_at total_private_repos twitter_username "
        "two_factor_authentication two_factor_requirement_enabled type updated_at url "
        "user_view_type web_commit_signoff_required"
    )
