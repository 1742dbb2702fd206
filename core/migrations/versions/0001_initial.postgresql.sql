create sequence ab_group_id_seq;

CREATE TABLE ab_group (
    id INTEGER NOT NULL,
    name VARCHAR(100) NOT NULL,
    label VARCHAR(150),
    description VARCHAR(512),
    PRIMARY KEY (id),
    UNIQUE (name)
);

create sequence ab_permission_id_seq;

CREATE TABLE ab_permission (
    id INTEGER NOT NULL,
    name VARCHAR(100) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (name)
);

create sequence ab_register_user_id_seq;

CREATE TABLE ab_register_user (
    id INTEGER NOT NULL,
    first_name VARCHAR(64) NOT NULL,
    last_name VARCHAR(64) NOT NULL,
    username VARCHAR(128) NOT NULL,
    password VARCHAR(256),
    email VARCHAR(320) NOT NULL,
    registration_date TIMESTAMP WITHOUT TIME ZONE,
    registration_hash VARCHAR(256),
    PRIMARY KEY (id),
    UNIQUE (username),
    UNIQUE (email)
);

create sequence ab_role_id_seq;

CREATE TABLE ab_role (
    id INTEGER NOT NULL,
    name VARCHAR(64) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (name)
);

create sequence ab_user_id_seq;

CREATE TABLE ab_user (
    id INTEGER NOT NULL,
    first_name VARCHAR(64) NOT NULL,
    last_name VARCHAR(64) NOT NULL,
    username VARCHAR(128) NOT NULL,
    password VARCHAR(256),
    active BOOLEAN,
    email VARCHAR(320) NOT NULL,
    last_login TIMESTAMP WITHOUT TIME ZONE,
    login_count INTEGER,
    fail_login_count INTEGER,
    created_on TIMESTAMP WITHOUT TIME ZONE,
    changed_on TIMESTAMP WITHOUT TIME ZONE,
    created_by_fk INTEGER,
    changed_by_fk INTEGER,
    PRIMARY KEY (id),
    UNIQUE (username),
    UNIQUE (email),
    FOREIGN KEY(created_by_fk) REFERENCES ab_user (id),
    FOREIGN KEY(changed_by_fk) REFERENCES ab_user (id)
);

create sequence ab_view_menu_id_seq;

CREATE TABLE ab_view_menu (
    id INTEGER NOT NULL,
    name VARCHAR(250) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (name)
);

CREATE TABLE core_account (
    id BIGINT NOT NULL,
    mall_id BIGINT NOT NULL,
    name VARCHAR(40) NOT NULL,
    owner VARCHAR(20) NOT NULL,
    owner_id BIGINT NOT NULL,
    unit VARCHAR(20) NOT NULL,
    floor BIGINT,
    balance BIGINT,
    CONSTRAINT pk_core_account PRIMARY KEY (id),
    CONSTRAINT uq_core_account_ref UNIQUE (owner_id, owner, name, unit),
    CONSTRAINT ck_core_account_floor CHECK (balance >= floor),
    CONSTRAINT ck_core_account_floor_bounds CHECK (abs(floor) <= 1000000000000000),
    CONSTRAINT ck_core_account_balance_bounds CHECK (abs(balance) <= 1000000000000000)
);

create or replace function core_append_only() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = '23514';
end $$;

create trigger core_account_append_only before update of id, mall_id, name, owner, owner_id, unit, floor or delete or truncate on core_account for each statement execute function core_append_only();

CREATE TABLE core_attempt (
    key VARCHAR(80) NOT NULL,
    since TIMESTAMP WITH TIME ZONE NOT NULL,
    count INTEGER NOT NULL,
    CONSTRAINT pk_core_attempt PRIMARY KEY (key)
);

CREATE TABLE core_audit (
    id BIGSERIAL NOT NULL,
    mall_id BIGINT,
    store_id BIGINT,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor VARCHAR(80) NOT NULL,
    address VARCHAR(60) NOT NULL,
    action VARCHAR(40) NOT NULL,
    record VARCHAR(60) NOT NULL,
    record_id VARCHAR(40) NOT NULL,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    reason VARCHAR(200) NOT NULL,
    CONSTRAINT pk_core_audit PRIMARY KEY (id)
);

CREATE INDEX ix_core_audit_at ON core_audit (at);

CREATE INDEX ix_core_audit_record ON core_audit (record, record_id);

create or replace function core_append_only() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = '23514';
end $$;

create trigger core_audit_append_only before update or delete or truncate on core_audit for each statement execute function core_append_only();

CREATE TABLE core_checkpoint (
    block BIGINT NOT NULL,
    first_seq BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    root BYTEA NOT NULL,
    chain BYTEA NOT NULL,
    signature BYTEA NOT NULL,
    key_id INTEGER NOT NULL,
    sealed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_core_checkpoint PRIMARY KEY (block)
);

create or replace function core_append_only() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = '23514';
end $$;

create trigger core_checkpoint_append_only before update or delete or truncate on core_checkpoint for each statement execute function core_append_only();

CREATE TABLE core_entry (
    id BIGINT NOT NULL,
    mall_id BIGINT NOT NULL,
    store_id BIGINT,
    kind VARCHAR(40) NOT NULL,
    reference VARCHAR(120) NOT NULL,
    receipt_id BIGINT,
    reverses_id BIGINT,
    happened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    business_date DATE NOT NULL,
    plugin VARCHAR(30) NOT NULL,
    rule VARCHAR(60) NOT NULL,
    reasons TEXT NOT NULL,
    CONSTRAINT pk_core_entry PRIMARY KEY (id),
    CONSTRAINT uq_core_entry_reference UNIQUE (reference, kind),
    CONSTRAINT uq_core_entry_reverses UNIQUE (reverses_id)
);

CREATE INDEX ix_core_entry_receipt ON core_entry (receipt_id);

create or replace function core_append_only() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = '23514';
end $$;

create trigger core_entry_append_only before update or delete or truncate on core_entry for each statement execute function core_append_only();

CREATE TABLE core_hold (
    id BIGINT NOT NULL,
    mall_id BIGINT NOT NULL,
    store_id BIGINT,
    account_id BIGINT NOT NULL,
    unit VARCHAR(20) NOT NULL,
    amount BIGINT NOT NULL,
    captured BIGINT NOT NULL,
    state VARCHAR(10) NOT NULL,
    reference VARCHAR(120) NOT NULL,
    entry_id BIGINT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_core_hold PRIMARY KEY (id),
    CONSTRAINT ck_core_hold_state CHECK (state in ('held', 'captured', 'released', 'expired')),
    CONSTRAINT uq_core_hold_reference UNIQUE (reference),
    CONSTRAINT ck_core_hold_amount_bounds CHECK (abs(amount) <= 1000000000000000),
    CONSTRAINT ck_core_hold_captured_bounds CHECK (abs(captured) <= 1000000000000000)
);

CREATE INDEX ix_core_hold_open ON core_hold (state, expires_at);

CREATE TABLE core_job_run (
    job VARCHAR(60) NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    worker VARCHAR(60) NOT NULL,
    error TEXT NOT NULL,
    CONSTRAINT pk_core_job_run PRIMARY KEY (job, due_at)
);

CREATE TABLE core_mall (
    id BIGSERIAL NOT NULL,
    code VARCHAR(20) NOT NULL,
    name VARCHAR(120) NOT NULL,
    currency VARCHAR(3) NOT NULL,
    zone VARCHAR(60) NOT NULL,
    locale VARCHAR(5) NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_core_mall PRIMARY KEY (id),
    CONSTRAINT uq_core_mall_code UNIQUE (code)
);

CREATE TABLE core_outbox (
    id BIGINT NOT NULL,
    topic VARCHAR(40) NOT NULL,
    mall_id BIGINT NOT NULL,
    store_id BIGINT,
    subject_id BIGINT,
    payload TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    next_try_at TIMESTAMP WITH TIME ZONE NOT NULL,
    tries INTEGER NOT NULL,
    claimed_by VARCHAR(60) NOT NULL,
    claimed_until TIMESTAMP WITH TIME ZONE,
    done_at TIMESTAMP WITH TIME ZONE,
    error TEXT NOT NULL,
    CONSTRAINT pk_core_outbox PRIMARY KEY (id)
);

CREATE INDEX ix_core_outbox_due ON core_outbox (done_at, next_try_at);

CREATE INDEX ix_core_outbox_rewards ON core_outbox (subject_id) WHERE topic = 'receipt.rewards';

CREATE TABLE core_outbox_done (
    outbox_id BIGINT NOT NULL,
    plugin VARCHAR(30) NOT NULL,
    CONSTRAINT pk_core_outbox_done PRIMARY KEY (outbox_id, plugin)
);

CREATE TABLE core_plugin_state (
    plugin VARCHAR(30) NOT NULL,
    tripped_at TIMESTAMP WITH TIME ZONE,
    reason VARCHAR(400) NOT NULL,
    skip_offers BOOLEAN NOT NULL,
    CONSTRAINT pk_core_plugin_state PRIMARY KEY (plugin)
);

CREATE TABLE core_posting (
    entry_id BIGINT NOT NULL,
    no INTEGER NOT NULL,
    account_id BIGINT NOT NULL,
    unit VARCHAR(20) NOT NULL,
    amount BIGINT NOT NULL,
    CONSTRAINT pk_core_posting PRIMARY KEY (entry_id, no),
    CONSTRAINT ck_core_posting_amount_bounds CHECK (abs(amount) <= 1000000000000000)
);

CREATE INDEX ix_core_posting_account ON core_posting (account_id, entry_id);

create or replace function core_append_only() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = '23514';
end $$;

create trigger core_posting_append_only before update or delete or truncate on core_posting for each statement execute function core_append_only();

CREATE TABLE core_receipt (
    id BIGINT NOT NULL,
    mall_id BIGINT NOT NULL,
    store_id BIGINT NOT NULL,
    till_id BIGINT NOT NULL,
    till_code VARCHAR(30) NOT NULL,
    number VARCHAR(60) NOT NULL,
    business_date DATE NOT NULL,
    kind VARCHAR(10) NOT NULL,
    happened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    member_id BIGINT,
    currency VARCHAR(3) NOT NULL,
    total BIGINT NOT NULL,
    tax BIGINT NOT NULL,
    change_given BIGINT NOT NULL,
    original_id BIGINT,
    return_no INTEGER,
    body_hash BYTEA NOT NULL,
    answer TEXT NOT NULL,
    CONSTRAINT pk_core_receipt PRIMARY KEY (id),
    CONSTRAINT uq_core_receipt_key UNIQUE (till_id, number, business_date),
    CONSTRAINT uq_core_receipt_return UNIQUE (original_id, return_no),
    CONSTRAINT ck_core_receipt_kind CHECK (kind in ('sale', 'return', 'void')),
    CONSTRAINT ck_core_receipt_total_bounds CHECK (abs(total) <= 1000000000000000),
    CONSTRAINT ck_core_receipt_tax_bounds CHECK (abs(tax) <= 1000000000000000),
    CONSTRAINT ck_core_receipt_change_given_bounds CHECK (abs(change_given) <= 1000000000000000)
);

CREATE INDEX ix_core_receipt_day ON core_receipt (store_id, business_date);

CREATE INDEX ix_core_receipt_member ON core_receipt (member_id, store_id);

create or replace function core_append_only() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = '23514';
end $$;

create trigger core_receipt_append_only before update or delete or truncate on core_receipt for each statement execute function core_append_only();

CREATE TABLE core_receipt_conflict (
    id BIGSERIAL NOT NULL,
    mall_id BIGINT NOT NULL,
    store_id BIGINT NOT NULL,
    receipt_id BIGINT NOT NULL,
    till_code VARCHAR(30) NOT NULL,
    number VARCHAR(60) NOT NULL,
    business_date DATE NOT NULL,
    body_hash BYTEA NOT NULL,
    body TEXT NOT NULL,
    arrived_at TIMESTAMP WITH TIME ZONE NOT NULL,
    handled_at TIMESTAMP WITH TIME ZONE,
    note VARCHAR(200) NOT NULL,
    CONSTRAINT pk_core_receipt_conflict PRIMARY KEY (id)
);

CREATE INDEX ix_core_receipt_conflict_store_id ON core_receipt_conflict (store_id);

CREATE TABLE core_receipt_line (
    receipt_id BIGINT NOT NULL,
    no INTEGER NOT NULL,
    sku VARCHAR(60) NOT NULL,
    name VARCHAR(200) NOT NULL,
    category VARCHAR(200) NOT NULL,
    qty VARCHAR(20) NOT NULL,
    unit_price BIGINT NOT NULL,
    discount BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    original_line INTEGER,
    CONSTRAINT pk_core_receipt_line PRIMARY KEY (receipt_id, no),
    CONSTRAINT ck_core_receipt_line_unit_price_bounds CHECK (abs(unit_price) <= 1000000000000000),
    CONSTRAINT ck_core_receipt_line_discount_bounds CHECK (abs(discount) <= 1000000000000000),
    CONSTRAINT ck_core_receipt_line_amount_bounds CHECK (abs(amount) <= 1000000000000000)
);

create or replace function core_append_only() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = '23514';
end $$;

create trigger core_receipt_line_append_only before update or delete or truncate on core_receipt_line for each statement execute function core_append_only();

CREATE TABLE core_receipt_parked (
    id BIGINT NOT NULL,
    mall_id BIGINT NOT NULL,
    store_id BIGINT NOT NULL,
    till_id BIGINT NOT NULL,
    number VARCHAR(60) NOT NULL,
    business_date DATE NOT NULL,
    original_till VARCHAR(30) NOT NULL,
    original_number VARCHAR(60) NOT NULL,
    original_date DATE NOT NULL,
    uid BYTEA NOT NULL,
    person_key BYTEA,
    body_sealed BYTEA,
    body_hash BYTEA NOT NULL,
    answer TEXT NOT NULL,
    parked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    settled_at TIMESTAMP WITH TIME ZONE,
    refusal VARCHAR(200) NOT NULL,
    CONSTRAINT pk_core_receipt_parked PRIMARY KEY (id),
    CONSTRAINT uq_core_receipt_parked_key UNIQUE (till_id, number, business_date),
    CONSTRAINT uq_core_receipt_parked_uid UNIQUE (uid)
);

CREATE INDEX ix_core_receipt_parked_waiting ON core_receipt_parked (id) WHERE settled_at is null and refusal = '';

CREATE TABLE core_receipt_tender (
    receipt_id BIGINT NOT NULL,
    no INTEGER NOT NULL,
    type VARCHAR(20) NOT NULL,
    amount BIGINT NOT NULL,
    points BIGINT,
    ref VARCHAR(120) NOT NULL,
    CONSTRAINT pk_core_receipt_tender PRIMARY KEY (receipt_id, no),
    CONSTRAINT ck_core_receipt_tender_amount_bounds CHECK (abs(amount) <= 1000000000000000),
    CONSTRAINT ck_core_receipt_tender_points_bounds CHECK (abs(points) <= 1000000000000000)
);

create or replace function core_append_only() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = '23514';
end $$;

create trigger core_receipt_tender_append_only before update or delete or truncate on core_receipt_tender for each statement execute function core_append_only();

CREATE TABLE core_rollup (
    account_id BIGINT NOT NULL,
    business_date DATE NOT NULL,
    mall_id BIGINT NOT NULL,
    unit VARCHAR(20) NOT NULL,
    amount BIGINT NOT NULL,
    entries BIGINT NOT NULL,
    CONSTRAINT pk_core_rollup PRIMARY KEY (account_id, business_date),
    CONSTRAINT ck_core_rollup_amount_bounds CHECK (abs(amount) <= 1000000000000000)
);

CREATE TABLE core_seal (
    seq BIGINT NOT NULL,
    kind VARCHAR(10) NOT NULL,
    record_id BIGINT NOT NULL,
    leaf BYTEA NOT NULL,
    block BIGINT NOT NULL,
    CONSTRAINT pk_core_seal PRIMARY KEY (seq),
    CONSTRAINT uq_core_seal_record UNIQUE (kind, record_id)
);

CREATE INDEX ix_core_seal_block ON core_seal (block);

create or replace function core_append_only() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = '23514';
end $$;

create trigger core_seal_append_only before update or delete or truncate on core_seal for each statement execute function core_append_only();

CREATE TABLE core_sequence (
    name VARCHAR(60) NOT NULL,
    next_value BIGINT NOT NULL,
    CONSTRAINT pk_core_sequence PRIMARY KEY (name),
    CONSTRAINT ck_core_sequence_53_bits CHECK (next_value < 9007199254740992)
);

CREATE TABLE core_session (
    id BIGSERIAL NOT NULL,
    token_hash BYTEA NOT NULL,
    user_id BIGINT,
    data VARCHAR NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    touched_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_core_session PRIMARY KEY (id),
    CONSTRAINT uq_core_session_token_hash UNIQUE (token_hash)
);

CREATE INDEX ix_core_session_expires ON core_session (expires_at);

CREATE TABLE core_stamp (
    name VARCHAR(40) NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT pk_core_stamp PRIMARY KEY (name)
);

CREATE TABLE core_unsealed (
    kind VARCHAR(10) NOT NULL,
    id BIGINT NOT NULL,
    CONSTRAINT pk_core_unsealed PRIMARY KEY (kind, id)
);

create sequence ab_api_key_id_seq;

CREATE TABLE ab_api_key (
    id INTEGER NOT NULL,
    uuid VARCHAR(36) NOT NULL,
    name VARCHAR(256) NOT NULL,
    key_hash VARCHAR(256) NOT NULL,
    lookup_hash VARCHAR(256),
    key_prefix VARCHAR(16) NOT NULL,
    user_id INTEGER NOT NULL,
    scopes TEXT,
    active BOOLEAN NOT NULL,
    created_on TIMESTAMP WITHOUT TIME ZONE,
    expires_on TIMESTAMP WITHOUT TIME ZONE,
    revoked_on TIMESTAMP WITHOUT TIME ZONE,
    last_used_on TIMESTAMP WITHOUT TIME ZONE,
    PRIMARY KEY (id),
    UNIQUE (uuid),
    UNIQUE (lookup_hash),
    FOREIGN KEY(user_id) REFERENCES ab_user (id) ON DELETE CASCADE
);

CREATE UNIQUE INDEX idx_api_key_lookup_hash ON ab_api_key (lookup_hash);

CREATE INDEX idx_api_key_prefix ON ab_api_key (key_prefix);

CREATE INDEX idx_api_key_user_id ON ab_api_key (user_id);

create sequence ab_group_role_id_seq;

CREATE TABLE ab_group_role (
    id INTEGER NOT NULL,
    group_id INTEGER,
    role_id INTEGER,
    PRIMARY KEY (id),
    UNIQUE (group_id, role_id),
    FOREIGN KEY(group_id) REFERENCES ab_group (id) ON DELETE CASCADE,
    FOREIGN KEY(role_id) REFERENCES ab_role (id) ON DELETE CASCADE
);

CREATE INDEX idx_group_id ON ab_group_role (group_id);

CREATE INDEX idx_group_role_id ON ab_group_role (role_id);

create sequence ab_permission_view_id_seq;

CREATE TABLE ab_permission_view (
    id INTEGER NOT NULL,
    permission_id INTEGER NOT NULL,
    view_menu_id INTEGER NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (permission_id, view_menu_id),
    FOREIGN KEY(permission_id) REFERENCES ab_permission (id),
    FOREIGN KEY(view_menu_id) REFERENCES ab_view_menu (id)
);

CREATE INDEX idx_permission_id ON ab_permission_view (permission_id);

CREATE INDEX idx_view_menu_id ON ab_permission_view (view_menu_id);

create sequence ab_user_group_id_seq;

CREATE TABLE ab_user_group (
    id INTEGER NOT NULL,
    user_id INTEGER,
    group_id INTEGER,
    PRIMARY KEY (id),
    UNIQUE (user_id, group_id),
    FOREIGN KEY(user_id) REFERENCES ab_user (id) ON DELETE CASCADE,
    FOREIGN KEY(group_id) REFERENCES ab_group (id) ON DELETE CASCADE
);

CREATE INDEX idx_user_group_id ON ab_user_group (group_id);

CREATE INDEX idx_user_id ON ab_user_group (user_id);

create sequence ab_user_role_id_seq;

CREATE TABLE ab_user_role (
    id INTEGER NOT NULL,
    user_id INTEGER,
    role_id INTEGER,
    PRIMARY KEY (id),
    UNIQUE (user_id, role_id),
    FOREIGN KEY(user_id) REFERENCES ab_user (id) ON DELETE CASCADE,
    FOREIGN KEY(role_id) REFERENCES ab_role (id) ON DELETE CASCADE
);

CREATE TABLE core_category (
    id BIGSERIAL NOT NULL,
    mall_id BIGINT NOT NULL,
    parent_id BIGINT,
    code VARCHAR(200) NOT NULL,
    name VARCHAR(120) NOT NULL,
    path VARCHAR(200) NOT NULL,
    CONSTRAINT pk_core_category PRIMARY KEY (id),
    CONSTRAINT uq_core_category_code UNIQUE (mall_id, code),
    CONSTRAINT fk_core_category_mall_id FOREIGN KEY(mall_id) REFERENCES core_mall (id),
    CONSTRAINT fk_core_category_parent_id FOREIGN KEY(parent_id) REFERENCES core_category (id)
);

CREATE INDEX ix_core_category_path ON core_category (path);

CREATE TABLE core_plugin_switch (
    id BIGSERIAL NOT NULL,
    plugin VARCHAR(30) NOT NULL,
    mall_id BIGINT NOT NULL,
    store_id BIGINT NOT NULL,
    is_on BOOLEAN NOT NULL,
    changed_by VARCHAR(80) NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_core_plugin_switch PRIMARY KEY (id),
    CONSTRAINT uq_core_plugin_switch UNIQUE (plugin, mall_id, store_id),
    CONSTRAINT fk_core_plugin_switch_mall_id FOREIGN KEY(mall_id) REFERENCES core_mall (id)
);

CREATE TABLE core_product (
    id BIGSERIAL NOT NULL,
    mall_id BIGINT NOT NULL,
    sku VARCHAR(60) NOT NULL,
    name VARCHAR(200) NOT NULL,
    brand VARCHAR(80) NOT NULL,
    origin VARCHAR(80) NOT NULL,
    price BIGINT NOT NULL,
    on_shelf BOOLEAN NOT NULL,
    after_sales VARCHAR(400) NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_core_product PRIMARY KEY (id),
    CONSTRAINT uq_core_product_sku UNIQUE (mall_id, sku),
    CONSTRAINT fk_core_product_mall_id FOREIGN KEY(mall_id) REFERENCES core_mall (id),
    CONSTRAINT ck_core_product_price_bounds CHECK (abs(price) <= 1000000000000000)
);

CREATE TABLE core_reach (
    id BIGSERIAL NOT NULL,
    user_id INTEGER NOT NULL,
    mall_id BIGINT NOT NULL,
    store_id BIGINT NOT NULL,
    CONSTRAINT pk_core_reach PRIMARY KEY (id),
    CONSTRAINT uq_core_reach UNIQUE (user_id, mall_id, store_id),
    CONSTRAINT fk_core_reach_user_id FOREIGN KEY(user_id) REFERENCES ab_user (id),
    CONSTRAINT fk_core_reach_mall_id FOREIGN KEY(mall_id) REFERENCES core_mall (id)
);

CREATE TABLE core_setting (
    id BIGSERIAL NOT NULL,
    plugin VARCHAR(30) NOT NULL,
    name VARCHAR(60) NOT NULL,
    mall_id BIGINT NOT NULL,
    store_id BIGINT NOT NULL,
    value TEXT NOT NULL,
    CONSTRAINT pk_core_setting PRIMARY KEY (id),
    CONSTRAINT uq_core_setting UNIQUE (plugin, name, mall_id, store_id),
    CONSTRAINT fk_core_setting_mall_id FOREIGN KEY(mall_id) REFERENCES core_mall (id)
);

CREATE TABLE core_store (
    id BIGSERIAL NOT NULL,
    mall_id BIGINT NOT NULL,
    code VARCHAR(20) NOT NULL,
    name VARCHAR(120) NOT NULL,
    kind VARCHAR(10) NOT NULL,
    trade VARCHAR(40) NOT NULL,
    floor VARCHAR(10) NOT NULL,
    unit VARCHAR(20) NOT NULL,
    address VARCHAR(200) NOT NULL,
    manager VARCHAR(60) NOT NULL,
    phone VARCHAR(30) NOT NULL,
    cooperation VARCHAR(30) NOT NULL,
    settlement VARCHAR(30) NOT NULL,
    state VARCHAR(10) NOT NULL,
    opened_on DATE,
    closed_on DATE,
    CONSTRAINT pk_core_store PRIMARY KEY (id),
    CONSTRAINT uq_core_store_code UNIQUE (mall_id, code),
    CONSTRAINT ck_core_store_kind CHECK (kind in ('direct', 'partner')),
    CONSTRAINT ck_core_store_state CHECK (state in ('open', 'closed')),
    CONSTRAINT fk_core_store_mall_id FOREIGN KEY(mall_id) REFERENCES core_mall (id)
);

create sequence ab_permission_view_role_id_seq;

CREATE TABLE ab_permission_view_role (
    id INTEGER NOT NULL,
    permission_view_id INTEGER,
    role_id INTEGER,
    PRIMARY KEY (id),
    UNIQUE (permission_view_id, role_id),
    FOREIGN KEY(permission_view_id) REFERENCES ab_permission_view (id) ON DELETE CASCADE,
    FOREIGN KEY(role_id) REFERENCES ab_role (id) ON DELETE CASCADE
);

CREATE INDEX idx_permission_view_id ON ab_permission_view_role (permission_view_id);

CREATE INDEX idx_role_id ON ab_permission_view_role (role_id);

CREATE TABLE core_barcode (
    id BIGSERIAL NOT NULL,
    mall_id BIGINT NOT NULL,
    product_id BIGINT NOT NULL,
    code VARCHAR(60) NOT NULL,
    CONSTRAINT pk_core_barcode PRIMARY KEY (id),
    CONSTRAINT uq_core_barcode_code UNIQUE (mall_id, code),
    CONSTRAINT fk_core_barcode_mall_id FOREIGN KEY(mall_id) REFERENCES core_mall (id),
    CONSTRAINT fk_core_barcode_product_id FOREIGN KEY(product_id) REFERENCES core_product (id)
);

CREATE INDEX ix_core_barcode_product_id ON core_barcode (product_id);

CREATE TABLE core_member (
    id BIGSERIAL NOT NULL,
    uid BYTEA NOT NULL,
    mall_id BIGINT NOT NULL,
    home_store_id BIGINT,
    person_key BYTEA,
    name VARCHAR(80) NOT NULL,
    phone_sealed BYTEA,
    phone_index BYTEA,
    phone_tail BYTEA,
    phone_masked VARCHAR(20) NOT NULL,
    email_sealed BYTEA,
    address_sealed BYTEA,
    gender VARCHAR(1) NOT NULL,
    birthday DATE,
    status VARCHAR(10) NOT NULL,
    source VARCHAR(20) NOT NULL,
    consent_sms BOOLEAN NOT NULL,
    consent_email BOOLEAN NOT NULL,
    consent_phone BOOLEAN NOT NULL,
    joined_on DATE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_core_member PRIMARY KEY (id),
    CONSTRAINT uq_core_member_uid UNIQUE (uid),
    CONSTRAINT uq_core_member_phone UNIQUE (phone_index, mall_id),
    CONSTRAINT ck_core_member_status CHECK (status in ('active', 'frozen', 'closing', 'closed')),
    CONSTRAINT fk_core_member_mall_id FOREIGN KEY(mall_id) REFERENCES core_mall (id),
    CONSTRAINT fk_core_member_home_store_id FOREIGN KEY(home_store_id) REFERENCES core_store (id)
);

CREATE INDEX ix_core_member_home ON core_member (home_store_id);

CREATE INDEX ix_core_member_name ON core_member (name, mall_id);

CREATE INDEX ix_core_member_tail ON core_member (phone_tail);

CREATE TABLE core_product_category (
    id BIGSERIAL NOT NULL,
    mall_id BIGINT NOT NULL,
    product_id BIGINT NOT NULL,
    category_id BIGINT NOT NULL,
    CONSTRAINT pk_core_product_category PRIMARY KEY (id),
    CONSTRAINT uq_core_product_category UNIQUE (product_id, category_id),
    CONSTRAINT fk_core_product_category_mall_id FOREIGN KEY(mall_id) REFERENCES core_mall (id),
    CONSTRAINT fk_core_product_category_product_id FOREIGN KEY(product_id) REFERENCES core_product (id),
    CONSTRAINT fk_core_product_category_category_id FOREIGN KEY(category_id) REFERENCES core_category (id)
);

CREATE INDEX ix_core_product_category_category_id ON core_product_category (category_id);

CREATE TABLE core_till (
    id BIGSERIAL NOT NULL,
    mall_id BIGINT NOT NULL,
    store_id BIGINT NOT NULL,
    code VARCHAR(30) NOT NULL,
    model VARCHAR(60) NOT NULL,
    state VARCHAR(10) NOT NULL,
    token_hash BYTEA,
    token_tail VARCHAR(8) NOT NULL,
    max_future_hours INTEGER NOT NULL,
    max_past_days INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    last_seen_at TIMESTAMP WITH TIME ZONE,
    clock_seconds INTEGER,
    version VARCHAR(40) NOT NULL,
    queue_length INTEGER,
    CONSTRAINT pk_core_till PRIMARY KEY (id),
    CONSTRAINT uq_core_till_code UNIQUE (store_id, code),
    CONSTRAINT uq_core_till_token UNIQUE (token_hash),
    CONSTRAINT ck_core_till_state CHECK (state in ('active', 'revoked', 'imported')),
    CONSTRAINT fk_core_till_mall_id FOREIGN KEY(mall_id) REFERENCES core_mall (id),
    CONSTRAINT fk_core_till_store_id FOREIGN KEY(store_id) REFERENCES core_store (id)
);

CREATE INDEX ix_core_till_store_id ON core_till (store_id);

CREATE TABLE core_card (
    id BIGSERIAL NOT NULL,
    uid BYTEA NOT NULL,
    mall_id BIGINT NOT NULL,
    member_id BIGINT,
    person_key BYTEA,
    number_sealed BYTEA NOT NULL,
    number_index BYTEA NOT NULL,
    number_tail BYTEA NOT NULL,
    number_masked VARCHAR(30) NOT NULL,
    form VARCHAR(12) NOT NULL,
    kind VARCHAR(20) NOT NULL,
    state VARCHAR(12) NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_core_card PRIMARY KEY (id),
    CONSTRAINT uq_core_card_uid UNIQUE (uid),
    CONSTRAINT uq_core_card_number UNIQUE (number_index, mall_id),
    CONSTRAINT ck_core_card_state CHECK (state in ('made', 'in_stock', 'handed_out', 'active', 'lost', 'replaced', 'expired')),
    CONSTRAINT fk_core_card_mall_id FOREIGN KEY(mall_id) REFERENCES core_mall (id),
    CONSTRAINT fk_core_card_member_id FOREIGN KEY(member_id) REFERENCES core_member (id)
);

CREATE INDEX ix_core_card_member ON core_card (member_id);

CREATE INDEX ix_core_card_tail ON core_card (number_tail);
